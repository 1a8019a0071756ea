import { isOf, type SignatureLine } from './note.js';
import { ED25519_SIGNATURE_BYTES, type NoteKey, type NoteSigner } from './note-key.js';

const TIMESTAMP_BYTES = 8;

/**
 * Cosigns the text of a checkpoint: "at this time, this is the largest consistent tree of this log that I have seen" (C2SP
 * tlog-cosignature, Ed25519). `at` is seconds since 1970.
 */
export async function cosign(text: string, at: number, { key, sign }: NoteSigner): Promise<SignatureLine> {
  const timestamp = Buffer.alloc(TIMESTAMP_BYTES);
  timestamp.writeBigUInt64BE(BigInt(at));
  const signature = Buffer.concat([timestamp, await sign(message(text, at))]);
  return { name: key.name, keyId: key.keyId, signature };
}

/** When the witness cosigned, in seconds since 1970; undefined where the line is not a valid cosignature of this key. */
export function cosignedAt(text: string, line: SignatureLine, key: NoteKey): number | undefined {
  if (key.type !== 'cosignature' || !isOf(line, key)) return undefined;
  if (line.signature.length !== TIMESTAMP_BYTES + ED25519_SIGNATURE_BYTES) return undefined;
  const at = Number(line.signature.readBigUInt64BE(0));
  if (!Number.isSafeInteger(at)) return undefined;
  return key.verify(message(text, at), line.signature.subarray(TIMESTAMP_BYTES)) ? at : undefined;
}

const message = (text: string, at: number): Buffer => Buffer.from(`cosignature/v1\ntime ${at}\n${text}`);

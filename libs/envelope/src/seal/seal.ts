import { FaultError, type FaultReport, faultReport } from '#faults';
import { type Kid, MAX_ENVELOPE_BYTES, RECORD_TYP } from '../claims.js';
import { lowS, SIGNATURE_BYTES } from '../es256.js';
import type { Signer } from '../keys/sealing-key.js';
import { payloadOf } from './payload.js';
import type { Sealer } from './sealer.js';
import { type SealInput, type Statement, stateRecord } from './statement.js';

/** An envelope and what it states of the record, or SEAL_INPUT with the pointer of what cannot be sealed. */
export type Sealed =
  | { readonly ok: true; readonly envelope: Buffer; readonly statement: Statement }
  | { readonly ok: false; readonly fault: FaultReport };

/** Seals one record; see {@link sealAll}. */
export async function seal(input: SealInput, sealer: Sealer, at: Date): Promise<Sealed> {
  const [sealed] = await sealAll([input], sealer, at);
  if (sealed === undefined) throw new FaultError('SEAL_INPUT', 'nothing was sealed');
  return sealed;
}

/**
 * Seals records as compact JWS with `at` as their time, in order, each on its own: one that cannot be sealed spoils no other.
 * All signatures are asked for before the first is awaited, so that a key store works on them side by side. A key in this
 * process answers at once and stays in this thread: handing ES256 to the thread pool costs 33 µs of CPU instead of 27 µs.
 * Rejects with KEY_STORE_UNAVAILABLE where the signer fails, and with KEY_UNPROVEN where it returns something that is no signature.
 */
export async function sealAll(inputs: readonly SealInput[], sealer: Sealer, at: Date): Promise<Sealed[]> {
  const iat = Math.floor(at.getTime() / 1000);
  const header = headerOf(sealer.signer.kid, iat);
  const asked = inputs.map((input): Sealed | Promise<Sealed> => {
    const statement = stateRecord(input, sealer, iat);
    return 'code' in statement ? { ok: false, fault: statement } : sealOne(statement, input, sealer.signer, header);
  });
  return isSettled(asked) ? asked : Promise.all(asked.map((one) => Promise.resolve(one)));
}

function isSettled(asked: readonly (Sealed | Promise<Sealed>)[]): asked is Sealed[] {
  return !asked.some((one) => one instanceof Promise);
}

function sealOne(statement: Statement, input: SealInput, signer: Signer, header: string): Sealed | Promise<Sealed> {
  const payload = payloadOf(statement, input.terms, input.record);
  const room = header.length + 1 + Math.ceil((payload.length * 4) / 3);
  const envelope = Buffer.allocUnsafe(room + 1 + SIGNATURE_CHARACTERS);
  if (envelope.length > MAX_ENVELOPE_BYTES) return { ok: false, fault: faultReport('SEAL_INPUT', '/record') };
  envelope.write(`${header}.`, 0, 'latin1');
  envelope.write(payload.toString('base64url'), header.length + 1, 'latin1');
  const signature = ask(signer, envelope.subarray(0, room));
  return signature instanceof Promise
    ? signature.then((later) => finish(statement, envelope, room, later), unavailable)
    : finish(statement, envelope, room, signature);
}

function ask(signer: Signer, bytes: Uint8Array): Buffer | Promise<Buffer> {
  try {
    return signer.sign(bytes);
  } catch (cause) {
    return unavailable(cause);
  }
}

function unavailable(cause: unknown): never {
  throw new FaultError('KEY_STORE_UNAVAILABLE', 'the signer failed', { cause });
}

const SIGNATURE_CHARACTERS = 86;

function finish(statement: Statement, envelope: Buffer, room: number, signature: Buffer): Sealed {
  if (signature.length !== SIGNATURE_BYTES) throw new FaultError('KEY_UNPROVEN', 'the signer returned no ES256 signature');
  envelope.write(`.${lowS(signature).toString('base64url')}`, room, 'latin1');
  return { ok: true, envelope, statement };
}

let latest = { kid: '', iat: -1, text: '' };

/** The encoded protected header. It changes once a second, so the last one is kept. */
function headerOf(kid: Kid, iat: number): string {
  if (latest.kid !== kid || latest.iat !== iat) {
    const text = Buffer.from(`{"alg":"ES256","iat":${iat},"kid":"${kid}","typ":"${RECORD_TYP}"}`).toString('base64url');
    latest = { kid, iat, text };
  }
  return latest.text;
}

import { EMPTY_ROOT, HASH_BYTES } from '../merkle/hash.js';
import { MAX_PROOF_HASHES, verifyConsistency } from '../merkle/verify-proof.js';
import { openCheckpoint, readCheckpointText, type SignedCheckpoint } from '../note/checkpoint.js';
import { isOf, readNote } from '../note/note.js';
import type { NoteKey } from '../note/note-key.js';

/** What a log asks of a witness: the tree that it cosigned last, a proof from there, and the new checkpoint (C2SP tlog-witness). */
export interface AddCheckpoint {
  readonly old: number;
  readonly proof: readonly Buffer[];
  readonly checkpoint: string;
}

/** The body of the request. */
export function writeAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): string {
  return `${[`old ${old}`, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`;
}

/** Reads the body of a request; undefined where it is malformed. */
function readAddCheckpoint(body: string): AddCheckpoint | undefined {
  const split = body.indexOf('\n\n');
  const [head = '', ...lines] = body.slice(0, Math.max(split, 0)).split('\n');
  const [, old] = /^old (0|[1-9][0-9]{0,15})$/.exec(head) ?? [];
  const proof = lines.map((line) => Buffer.from(line, 'base64'));
  const canonical = proof.every((hash, i) => hash.length === HASH_BYTES && hash.toString('base64') === lines[i]);
  if (old === undefined || !Number.isSafeInteger(Number(old)) || !canonical || proof.length > MAX_PROOF_HASHES) return undefined;
  return { old: Number(old), proof, checkpoint: body.slice(split + 2) };
}

/** The answer of a witness. Only `200` makes it cosign and remember `checkpoint`. */
export type WitnessAnswer =
  | { readonly status: 200; readonly checkpoint: SignedCheckpoint }
  /** `size` is the tree that the witness cosigned last. */
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 422 };

/**
 * Judges a request by what the witness cosigned last for that log (undefined where nothing). A witness never cosigns two trees of
 * which one is not the beginning of the other: not an older one, not one of the same size with another root, not a fork.
 */
export function judgeAddCheckpoint(
  body: string,
  logs: readonly NoteKey[],
  latest: (origin: string) => SignedCheckpoint | undefined,
): WitnessAnswer {
  const request = readAddCheckpoint(body);
  const note = request === undefined ? undefined : readNote(request.checkpoint);
  const claimed = note === undefined ? undefined : readCheckpointText(note.text);
  if (request === undefined || note === undefined || claimed === undefined) return { status: 400 };
  const keys = logs.filter(({ name }) => name === claimed.origin);
  if (keys.length === 0) return { status: 404 };
  const signers = keys.filter((key) => note.lines.some((line) => isOf(line, key)));
  const [checkpoint, ...rest] = signers.map((key) => openCheckpoint(request.checkpoint, key));
  if (checkpoint === undefined || rest.includes(undefined)) return { status: 403 };

  const known = latest(checkpoint.origin);
  const { old, proof } = request;
  const { size, root } = checkpoint;
  if (old > size) return { status: 400 };
  if (old !== (known?.size ?? 0)) return { status: 409, size: known?.size ?? 0 };
  if (size === 0 && !root.equals(EMPTY_ROOT)) return { status: 422 };
  return continues(known, checkpoint, proof) ? { status: 200, checkpoint } : { status: 422 };
}

function continues(known: SignedCheckpoint | undefined, { size, root }: SignedCheckpoint, proof: readonly Buffer[]): boolean {
  if (known === undefined || known.size === 0) return proof.length === 0;
  return verifyConsistency(known.size, size, proof, known.root, root);
}

import { leafHash } from '../merkle/hash.js';
import { MAX_PROOF_HASHES, verifyInclusion } from '../merkle/verify-proof.js';
import { openCheckpoint, type SignedCheckpoint } from '../note/checkpoint.js';
import { cosigners, type Policy } from '../note/policy.js';

const MAGIC = 'c2sp.org/tlog-proof@v1';

/** A proof that an entry is in a log: where, the path to the root, and the checkpoint (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number;
  readonly path: readonly Buffer[];
  /** The signed note, as the log published it. */
  readonly checkpoint: string;
}

/** The text of a proof, for a file with the extension `.tlog-proof`. */
export function writeTlogProof({ index, path, checkpoint }: TlogProof): string {
  return `${[MAGIC, `index ${index}`, ...path.map((hash) => hash.toString('base64'))].join('\n')}\n\n${checkpoint}`;
}

/** Reads a proof; undefined where it is none. `extra` data is passed over: nothing vouches for it. */
export function readTlogProof(text: string): TlogProof | undefined {
  const split = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(split, 0)).split('\n');
  if (lines.shift() !== MAGIC) return undefined;
  if (lines[0]?.startsWith('extra ') === true) lines.shift();
  const [, index] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '') ?? [];
  const path = lines.map((line) => Buffer.from(line, 'base64'));
  const canonical = path.every((hash, i) => hash.length === 32 && hash.toString('base64') === lines[i]);
  if (index === undefined || !Number.isSafeInteger(Number(index)) || !canonical || path.length > MAX_PROOF_HASHES)
    return undefined;
  return { index: Number(index), path, checkpoint: text.slice(split + 2) };
}

/** Whether a proof holds; otherwise the first thing that does not. */
export type ProofVerdict =
  | { readonly ok: true; readonly checkpoint: SignedCheckpoint; readonly cosigned: ReadonlyMap<string, number> }
  | { readonly ok: false; readonly wrong: 'checkpoint' | 'quorum' | 'inclusion' };

/** Verifies a proof of `entry` by a policy alone: no network, no clock (tlog-proof, "Verifying a tlog proof"). */
export function verifyTlogProof(proof: TlogProof, entry: Buffer, policy: Policy): ProofVerdict {
  const opened = policy.logs.map(({ key }) => openCheckpoint(proof.checkpoint, key));
  const checkpoint = opened.find((found) => found !== undefined);
  if (checkpoint === undefined) return { ok: false, wrong: 'checkpoint' };
  const cosigned = cosigners(policy, checkpoint.note.text, checkpoint.note.lines);
  if (!policy.satisfied(new Set(cosigned.keys()))) return { ok: false, wrong: 'quorum' };
  const { size, root } = checkpoint;
  if (!verifyInclusion(leafHash(entry), proof.index, size, proof.path, root)) return { ok: false, wrong: 'inclusion' };
  return { ok: true, checkpoint, cosigned };
}

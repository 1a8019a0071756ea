import {
  checkpointNote,
  cosignedAt,
  readSignatureLines,
  type SignatureLine,
  type SignedCheckpoint,
  type Witness,
  writeAddCheckpoint,
} from '#evidence';

/** What came of asking one witness. */
export type Asked =
  | { readonly kind: 'cosigned'; readonly line: SignatureLine; readonly at: number }
  /** It has seen a larger or another tree than ours: somebody rolled the log back, or forked it. */
  | { readonly kind: 'contradicts'; readonly size?: number }
  | { readonly kind: 'away'; readonly why: string };

/** Gives the consistency proof from an older size to the checkpoint's. */
export type Prove = (old: number) => Promise<readonly Buffer[]>;

const TIMEOUT_MS = 5000;
/** A witness that another request has overtaken names its size; more than once in a row is a contradiction in itself. */
const TRIES = 2;

/**
 * Asks a witness for its cosignature, from the size that it cosigned last as far as we know. Where it knows better it says so,
 * and is asked once more. Never throws for anything that a witness answers.
 */
export async function askWitness(witness: Witness, checkpoint: SignedCheckpoint, known: number, prove: Prove): Promise<Asked> {
  let old = known;
  for (let i = 0; i < TRIES; i += 1) {
    const body = writeAddCheckpoint({ old, proof: await prove(old), checkpoint: checkpointNote(checkpoint) });
    const answer = await post(`${witness.url ?? ''}/add-checkpoint`, body);
    if (typeof answer === 'string') return { kind: 'away', why: answer };
    if (answer.status === 200) return readCosignature(answer.text, checkpoint, witness);
    if (answer.status === 422) return { kind: 'contradicts' };
    if (answer.status !== 409) return { kind: 'away', why: `status ${answer.status}` };
    old = /^(0|[1-9][0-9]{0,15})\n$/.test(answer.text) ? Number(answer.text) : Number.NaN;
    if (!Number.isSafeInteger(old)) return { kind: 'away', why: 'its size cannot be read' };
    if (old > checkpoint.size) return { kind: 'contradicts', size: old };
  }
  return { kind: 'away', why: 'it keeps changing its mind' };
}

function readCosignature(text: string, { note }: SignedCheckpoint, { key }: Witness): Asked {
  for (const line of readSignatureLines(text) ?? []) {
    const at = cosignedAt(note.text, line, key);
    if (at !== undefined) return { kind: 'cosigned', line, at };
  }
  return { kind: 'away', why: 'its signature does not hold' };
}

async function post(url: string, body: string): Promise<{ readonly status: number; readonly text: string } | string> {
  try {
    const answer = await fetch(url, { method: 'POST', body, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}

import { HASH_BYTES } from '../merkle/hash.js';
import { isOf, type Note, readNote, type SignatureLine, writeNote } from './note.js';
import type { NoteKey, NoteSigner } from './note-key.js';

/** What a checkpoint says: the log, how many leaves it has, and the root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** A checkpoint whose log signature holds, and the note that it came in. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
}

/** The text that is signed (C2SP tlog-checkpoint); without extension lines. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

const SIZE = /^(0|[1-9][0-9]{0,15})$/;

/** Reads the text of a checkpoint; undefined where it is none. Extension lines are allowed and mean nothing. */
export function readCheckpointText(text: string): Checkpoint | undefined {
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n');
  if (!text.endsWith('\n') || !origin || !size || !root || extensions.includes('')) return undefined;
  const hash = Buffer.from(root, 'base64');
  if (!SIZE.test(size) || !Number.isSafeInteger(Number(size))) return undefined;
  if (hash.length !== HASH_BYTES || hash.toString('base64') !== root) return undefined;
  return { origin, size: Number(size), root: hash };
}

/** Signs a checkpoint. */
export async function signCheckpoint(checkpoint: Checkpoint, { key, sign }: NoteSigner): Promise<SignedCheckpoint> {
  const text = checkpointText(checkpoint);
  const line: SignatureLine = { name: key.name, keyId: key.keyId, signature: await sign(Buffer.from(text)) };
  return { ...checkpoint, note: { text, lines: [line] } };
}

/**
 * Opens a signed checkpoint of the log that `key` belongs to. Undefined where it is no checkpoint, names another log, or lacks
 * the log's signature; also where a line of this key does not hold, since such a note is malformed as a whole.
 */
export function openCheckpoint(text: string, key: NoteKey): SignedCheckpoint | undefined {
  const note = readNote(text);
  const checkpoint = note === undefined ? undefined : readCheckpointText(note.text);
  if (note === undefined || checkpoint === undefined || checkpoint.origin !== key.name || key.type !== 'note') return undefined;
  const own = note.lines.filter((line) => isOf(line, key));
  const message = Buffer.from(note.text);
  if (own.length === 0 || !own.every(({ signature }) => key.verify(message, signature))) return undefined;
  return { ...checkpoint, note };
}

/** The note of a checkpoint, as it is published. */
export const checkpointNote = ({ note }: SignedCheckpoint): string => writeNote(note.text, note.lines);

import type { NoteKey } from './note-key.js';

/** A signature line of a note, not verified yet. */
export interface SignatureLine {
  readonly name: string;
  readonly keyId: Buffer;
  readonly signature: Buffer;
}

/** A note taken apart: its text with the final newline, and its signature lines. Nothing is verified. */
export interface Note {
  readonly text: string;
  readonly lines: readonly SignatureLine[];
}

const MAX_NOTE_BYTES = 256 * 1024;
const MAX_SIGNATURES = 64;
const LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note must not contain
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** Takes a signed note apart (C2SP signed-note); undefined where it is none. */
export function readNote(note: string): Note | undefined {
  if (Buffer.byteLength(note) > MAX_NOTE_BYTES || CONTROL.test(note)) return undefined;
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return undefined;
  const lines = readSignatureLines(note.slice(split + 2));
  return lines === undefined || lines.length === 0 ? undefined : { text: note.slice(0, split + 1), lines };
}

/** Reads signature lines that stand alone, as a witness answers them; undefined where one is malformed or there are too many. */
export function readSignatureLines(text: string): SignatureLine[] | undefined {
  if (!text.endsWith('\n')) return undefined;
  const rows = text.slice(0, -1).split('\n');
  if (rows.length > MAX_SIGNATURES) return undefined;
  const lines: SignatureLine[] = [];
  for (const row of rows) {
    const [, name, encoded] = LINE.exec(row) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    if (name === undefined || bytes.length < 5 || bytes.toString('base64') !== encoded) return undefined;
    lines.push({ name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) });
  }
  return lines;
}

/** One signature line with its newline. */
export function writeSignatureLine({ name, keyId, signature }: SignatureLine): string {
  return `\u2014 ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`;
}

/** The whole note. */
export function writeNote(text: string, lines: readonly SignatureLine[]): string {
  return `${text}\n${lines.map(writeSignatureLine).join('')}`;
}

/** Whether a line claims to be of this key: by name and key id, since either alone may collide. */
export function isOf(line: SignatureLine, key: NoteKey): boolean {
  return line.name === key.name && line.keyId.equals(key.keyId);
}

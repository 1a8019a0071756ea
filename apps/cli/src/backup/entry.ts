import { posix } from 'node:path';
import { z } from 'zod';

/** One thing in a backup: a file of the instance, or a record of a topic that is truth. */
export type Entry =
  | { readonly kind: 'file'; readonly path: string; readonly content: Buffer }
  | {
      readonly kind: 'record';
      readonly topic: string;
      readonly partition: number;
      readonly key: Buffer | null;
      readonly value: Buffer | null;
      readonly headers: Readonly<Record<string, Buffer>>;
    };

/** The folders of a backup's files, by what lies in them. */
export const FOLDERS = ['keys', 'log', 'config'] as const;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const path = z.string().refine((text) => {
  const [folder = '', ...rest] = text.split('/');
  return FOLDERS.some((one) => one === folder) && rest.length > 0 && posix.normalize(text) === text && !text.includes('\\');
});

const entry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), path, content: base64 }),
  z.strictObject({
    kind: z.literal('record'),
    topic: z.string().regex(/^[A-Za-z0-9._-]{1,249}$/),
    partition: z.int().min(0),
    key: base64.nullable(),
    value: base64.nullable(),
    headers: z.record(z.string(), base64),
  }),
]);

/** One line of a part. */
export function writeEntry(one: Entry): string {
  const text = (bytes: Buffer | null) => (bytes === null ? null : bytes.toString('base64'));
  if (one.kind === 'file') return JSON.stringify({ ...one, content: text(one.content) });
  const headers = Object.fromEntries(Object.entries(one.headers).map(([name, value]) => [name, text(value)]));
  return JSON.stringify({ ...one, key: text(one.key), value: text(one.value), headers });
}

/** Reads a line; undefined where it is no entry, or names a place outside of its folder. */
export function readEntry(line: string): Entry | undefined {
  try {
    return entry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // not JSON
  }
}

import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { CONTENT_TYPE, OPS, recordType } from '#record';
import { CliError, EXIT } from './exit.js';
import { readInput } from './fetch.js';
import { allOf } from './lines.js';

/** What may be sent: lines, rows, or one JSON text that holds one event or a batch. */
export const FORMATS = ['ndjson', 'csv', 'json'] as const;
export type InputFormat = (typeof FORMATS)[number];

/** What the options say of the input. */
export interface InputFlags {
  readonly format?: InputFormat;
  readonly type?: string;
  readonly schema?: string;
  readonly op?: string;
  readonly mapping?: string;
}

/** The input as the adapter's door wants it. */
export interface Input {
  readonly body: Readable;
  readonly contentType: string;
  readonly query: string;
}

/** Opens a file or standard input (`-`) and finds its door. Ends the command where the options do not fit. */
export async function openInput(file: string, flags: InputFlags): Promise<Input> {
  const format = flags.format ?? formatOf(file);
  const query = queryOf(format, flags);
  switch (format) {
    case 'ndjson':
      return { body: open(file), contentType: 'application/x-ndjson', query };
    case 'csv':
      return { body: open(file), contentType: 'text/csv', query };
    case 'json': {
      const text = file === '-' ? await allOf(process.stdin) : await readInput(file);
      const batch = text.toString('utf8').trimStart().startsWith('[');
      return { body: Readable.from([text]), contentType: batch ? CONTENT_TYPE.batch : CONTENT_TYPE.structured, query };
    }
  }
}

/** By the end of the file's name; standard input is taken for NDJSON. */
export function formatOf(file: string): InputFormat {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return 'csv';
    case '.json':
      return 'json';
    default:
      return 'ndjson';
  }
}

/** The query of the door: bare records need their type and schema, rows their mapping, events neither. */
export function queryOf(format: InputFormat, { type, schema, op, mapping }: InputFlags): string {
  const given = { type, schema, op, mapping };
  const named = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const names = named.map(([name]) => name);
  if (format === 'csv' && names.join() !== 'mapping') throw wrong('CSV needs --mapping, and no other of --type, --schema, --op.');
  if (format === 'json' && names.length > 0)
    throw wrong('A JSON event says by itself what it is: leave out --type, --schema, --op.');
  if (format === 'ndjson' && mapping !== undefined) throw wrong('--mapping is for CSV.');
  if (format === 'ndjson' && names.length > 0 && (type === undefined || schema === undefined)) {
    throw wrong('Bare records need --type and --schema; lines that are CloudEvents need neither.');
  }
  if (type !== undefined && recordType(type) === undefined) throw wrong('--type is a record type like address.locality.');
  if (schema !== undefined && !/^[1-9][0-9]{0,8}$/.test(schema)) throw wrong('--schema is the version of the schema, like 1.');
  if (op !== undefined && !OPS.some((known) => known === op)) throw wrong(`--op is one of ${OPS.join(', ')}.`);
  return named.length === 0 ? '' : `?${new URLSearchParams(named).toString()}`;
}

const wrong = (sentence: string) => new CliError(EXIT.usage, sentence);

const open = (file: string): Readable => (file === '-' ? process.stdin : createReadStream(file));

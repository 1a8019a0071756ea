import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { ProblemException } from '#http';
import type { MemberId } from '#record';
import { type Caller, type OrRefusal, refuse, type SentEvent } from '../door-event.js';
import { applyMapping } from '../mapping/apply-mapping.js';
import type { Row } from '../mapping/expression.js';
import type { Mapping } from '../mapping/mapping-file.js';
import { admit } from './admit.js';
import type { LineReader, ReadLine } from './line-reader.js';
import type { Piece } from './piece-splitter.js';

/**
 * CSV by RFC 4180 through a mapping: the first row names the columns, each further row becomes one event. Throws DOOR_FRAMING
 * where the first row is not a list of different names.
 */
export function csvLines(mapping: Mapping, member: MemberId, caller: Caller, now: () => Date): LineReader {
  let columns: readonly string[] | undefined;
  const readRow = async (
    cells: readonly string[] | undefined,
    names: readonly string[],
  ): Promise<OrRefusal<{ event: SentEvent }>> => {
    if (cells === undefined) return refuse('DOOR_FRAMING', 'the row is not CSV in UTF-8');
    if (cells.length !== names.length)
      return refuse('DOOR_FRAMING', `the row has ${cells.length} cells, the header ${names.length}`);
    const row: Row = Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
    return applyMapping(mapping, member, row);
  };
  return async (pieces) => {
    const rows = columns === undefined ? pieces.slice(1) : pieces;
    columns ??= pieces[0] === undefined ? undefined : readColumns(pieces[0], mapping.delimiter);
    if (columns === undefined) return [];
    const cells = readCells(rows, mapping.delimiter);
    const lines: ReadLine[] = [];
    for (const [i, { line, bytes }] of rows.entries()) {
      if (bytes === undefined) {
        lines.push({ line, ...refuse('DOOR_TOO_LARGE', 'the row is longer than 1 MiB') });
        continue;
      }
      const sent = await readRow(cells[i], columns);
      lines.push({ line, ...(sent.ok ? admit(sent.event, caller, now()) : sent) });
    }
    return lines;
  };
}

function readColumns({ bytes }: Piece, delimiter: string): readonly string[] {
  const names = bytes === undefined ? undefined : readCell(bytes, delimiter);
  if (names === undefined || new Set(names).size !== names.length) {
    throw new ProblemException('DOOR_FRAMING', { detail: 'the first row is not a list of different column names in UTF-8' });
  }
  return names;
}

/** The cells of each row; undefined for one that is not CSV in UTF-8. All are parsed in one go unless one of them is broken. */
function readCells(rows: readonly Piece[], delimiter: string): readonly (readonly string[] | undefined)[] {
  const sound = rows.every(({ bytes }) => bytes !== undefined && isUtf8(bytes));
  if (sound && rows.length > 1) {
    const together = parseRows(Buffer.concat(rows.flatMap(({ bytes }) => [bytes ?? Buffer.alloc(0), LINE_FEED])), delimiter);
    if (together?.length === rows.length) return together;
  }
  return rows.map(({ bytes }) => (bytes === undefined ? undefined : readCell(bytes, delimiter)));
}

const LINE_FEED = Buffer.from('\n');

function readCell(bytes: Buffer, delimiter: string): readonly string[] | undefined {
  const rows = isUtf8(bytes) ? parseRows(bytes, delimiter) : undefined;
  return rows?.length === 1 ? rows[0] : undefined;
}

function parseRows(bytes: Buffer, delimiter: string): string[][] | undefined {
  try {
    return parse(bytes, { bom: true, delimiter, relax_column_count: true, record_delimiter: ['\n', '\r\n'] });
  } catch {
    return undefined; // the parser's message quotes the row
  }
}

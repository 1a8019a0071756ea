import Table from 'cli-table3';
import { Option } from 'commander';

/** How an answer is written: for people or for programs. */
export type Format = 'table' | 'json';

/** The option `-o` that most commands share. */
export const formatOption = (): Option =>
  new Option('-o, --output <format>', 'how to answer').choices(['table', 'json']).default('table');

/** Writes to standard output and waits while a slow reader catches up. */
export function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** One line to the person who watches; never part of the answer. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Indented JSON for one answer. */
export const asJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const NOTHING = '';
const PLAIN = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
    [side, NOTHING],
    [`${side}-mid`, NOTHING],
    [`${side}-left`, NOTHING],
    [`${side}-right`, NOTHING],
    [`mid-mid`, NOTHING],
  ]),
);

/** A table without lines or colours, so that it reads the same in a pipe. */
export function asTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars: { ...PLAIN, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(
    head.map((name) => name.toUpperCase()),
    ...rows.map((row) => [...row]),
  );
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

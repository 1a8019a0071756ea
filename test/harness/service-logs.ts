import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** How long each log of a folder is. */
export interface LogMarks {
  readonly folder: string;
  readonly bytes: ReadonlyMap<string, number>;
}

/** What a service writes when something went wrong that nobody thought of, and Node itself where a throw was not caught. */
const DEFECT = /"event":"unhandled rejection"|^Node\.js v/;

export function markLogs(folder: string): LogMarks {
  return { folder, bytes: new Map(logsIn(folder).map((file) => [file, statSync(file).size])) };
}

/** The services that have ended since then by a defect, each with its line: a supervisor starts them anew, so no count shows it. */
export function defectsSince({ folder, bytes }: LogMarks): readonly string[] {
  return logsIn(folder).flatMap((file) => {
    const lines = readFileSync(file)
      .subarray(bytes.get(file) ?? 0)
      .toString('utf8')
      .split('\n');
    return lines.filter((line) => DEFECT.test(line)).map((line) => `${basename(file, '.log')} ended by a defect: ${line}`);
  });
}

const logsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.includes('.log'))
    .map((name) => join(folder, name));

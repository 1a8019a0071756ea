import { Command } from 'commander';
import { FAULTS, type FaultCode } from '#faults';
import { CliError, EXIT } from '../exit.js';
import { nearest } from '../nearest.js';
import { asJson, asTable, type Format, formatOption, write } from '../output.js';

const CODES = Object.keys(FAULTS) as FaultCode[];

/** `khidi explain`: what a fault means and what to do about it. Works without an instance. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('say what a fault code means and what to do; without a code, list all')
    .argument('[code]', 'like SCHEMA_VIOLATION')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ khidi explain SCHEMA_VIOLATION')
    .action(async (code: string | undefined, { output }: { output: Format }) => {
      await write(code === undefined ? all(output) : one(known(code), output));
    });
}

function known(text: string): FaultCode {
  const code = CODES.find((candidate) => candidate === text.toUpperCase());
  if (code !== undefined) return code;
  const near = nearest(text, CODES);
  const hint = near.length === 0 ? '"khidi explain" lists all codes' : `did you mean ${near.join(' or ')}?`;
  throw new CliError(EXIT.no, `There is no fault ${text}; ${hint}`);
}

function one(code: FaultCode, output: Format): string {
  const { title, status, retry, next } = FAULTS[code];
  if (output === 'json') return asJson({ code, title, status, retry, next });
  return [
    `${code}: ${title}`,
    `  what to do     ${next}`,
    `  send it again  ${retry ? 'yes: the same request may succeed later' : 'no: the same request will be refused again'}`,
    `  HTTP status    ${status}`,
    '',
  ].join('\n');
}

function all(output: Format): string {
  if (output === 'json') return asJson(CODES.map((code) => ({ code, ...FAULTS[code] })));
  return asTable(
    ['code', 'HTTP', 'what it means'],
    CODES.map((code) => [code, String(FAULTS[code].status), FAULTS[code].title]),
  );
}

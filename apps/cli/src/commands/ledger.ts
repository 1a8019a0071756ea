import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { CliError, EXIT } from '../exit.js';
import { askJson, refuse } from '../fetch.js';
import { requireInstance, requireService, type Where } from '../local.js';
import { asJson, asTable, type Format, formatOption, note, write } from '../output.js';
import { wholeNumber } from '../whole-number.js';

interface LedgerFlags extends Where {
  readonly ledger?: string;
}
interface FindFlags extends LedgerFlags {
  readonly kind?: string;
  readonly type?: string;
  readonly member?: string;
  readonly jti?: string;
  readonly fault?: string;
  readonly from?: string;
  readonly to?: string;
  readonly start: number;
  readonly limit: number;
  readonly output: Format;
}
interface Found {
  readonly leaves: readonly {
    readonly index: number;
    readonly kind: string;
    readonly id: string;
    readonly type?: string;
    readonly member?: string;
    readonly fault?: string;
    readonly at: number;
  }[];
  readonly indexed: number;
  readonly size: number;
  readonly next?: number;
}

const ASK_MS = 200;
const REBUILD_SECONDS = 600;

/** `khidi ledger`: which leaves there are, from the SQL index of the ledger, and how to make that index anew. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('search the index of leaves, and make it anew')
    .addCommand(
      ledger('find')
        .description('list leaves by kind, record type, member, exchange, fault and time')
        .option('--kind <kind>', 'record, rejection, conflict, key, schema, policy, override, export')
        .option('--type <type>', 'the record type')
        .option('--member <id>', 'the member that sent the record, like GE/GOV/7001')
        .option('--jti <jti>', 'the exchange')
        .option('--fault <code>', 'the first fault of a refusal')
        .option('--from <time>', 'not before this time (RFC 3339)')
        .option('--to <time>', 'before this time (RFC 3339)')
        .option('--start <index>', 'only leaves from this one on', wholeNumber(0), 0)
        .option('--limit <n>', 'how many at most', wholeNumber(1), 100)
        .addOption(formatOption())
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi ledger find --member GE/GOV/7001 --kind rejection --from 2026-11-01T00:00:00Z',
        )
        .action(find),
    )
    .addCommand(
      ledger('rebuild')
        .description('make the index of leaves anew from tiles and topics, and wait until it is whole')
        .option('--store <folder>', "the ledger's KHIDI_STORE; without it that of the local instance")
        .addHelpText(
          'after',
          '\nIt writes a file into that folder, so only whoever runs the ledger can ask for it. The log itself is not touched.\n\nExample:\n  $ khidi ledger rebuild',
        )
        .action(rebuild),
    );
}

const ledger = (name: string): Command =>
  new Command(name)
    .option('--ledger <URL>', 'the ledger; without it that of the local instance')
    .option('--state <path>', 'the local instance (KHIDI_STATE)');

const urlOf = (flags: LedgerFlags): string => flags.ledger ?? requireService(requireInstance(flags), 'ledger').url;

async function find(flags: FindFlags): Promise<void> {
  const { kind, type, member, jti, fault, from, to, start, limit } = flags;
  const asked = Object.entries({ kind, type, member, jti, fault, from, to, start, limit });
  const query = new URLSearchParams(
    asked.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]])),
  );
  const found = await ask(urlOf(flags), query);
  if (flags.output === 'json') return write(asJson(found));
  const rows = found.leaves.map(({ index, kind: k, type: t, member: m, fault: f, at, id }) => {
    return [String(index), new Date(at * 1000).toISOString(), k, t ?? '', m ?? '', f ?? '', id];
  });
  await write(asTable(['leaf', 'at', 'kind', 'type', 'member', 'fault', 'id'], rows));
  if (found.next !== undefined) note(`There may be more: --start ${found.next}`);
}

async function rebuild(flags: LedgerFlags & { readonly store?: string }): Promise<void> {
  const url = urlOf(flags);
  const store = flags.store ?? join(dirname(requireInstance(flags).secretsFolder), 'ledger');
  await ask(url, new URLSearchParams({ limit: '1' })); // says at once where there is no index
  const file = join(store, 'rebuild-index');
  try {
    writeFileSync(file, '', { mode: 0o600 });
  } catch (error) {
    throw new CliError(EXIT.usage, `${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
  for (const end = Date.now() + REBUILD_SECONDS * 1000; Date.now() < end; await pause(ASK_MS)) {
    if (existsSync(file)) continue;
    const { indexed, size } = await ask(url, new URLSearchParams({ limit: '1' }));
    if (indexed < size) continue;
    note(`${indexed} leaves of ${size}.`);
    return;
  }
  throw new CliError(EXIT.unreachable, `The index was not whole after ${REBUILD_SECONDS} s; it goes on by itself.`);
}

async function ask(url: string, query: URLSearchParams): Promise<Found> {
  const answer = await askJson(`${url.replace(/\/$/, '')}/v1/leaves?${query.toString()}`);
  if (answer.status !== 200) refuse('The ledger', answer.status, answer.body);
  return answer.body as Found;
}

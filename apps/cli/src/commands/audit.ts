import { Command } from 'commander';
import {
  ACT_TOPICS,
  bundlePath,
  decodeBundle,
  decodeLeaf,
  isAct,
  type Leaf,
  openCheckpoint,
  readVkey,
  TILE_WIDTH,
} from '#evidence';
import type { Instance } from '#settings';
import type { StreamClient } from '#stream';
import { type AuditLine, compareActs } from '../audit/compare-acts.js';
import { CliError, EXIT } from '../exit.js';
import { askJson, askText, parse, readInput } from '../fetch.js';
import { kafkaOfInstance, withKafka } from '../kafka.js';
import { requireInstance, requireService, type Where } from '../local.js';
import { asTable, type Format, formatOption, note, write } from '../output.js';
import { readTopic } from '../read-topic.js';

/** `khidi audit`: who did what, and whether anything of it was removed or changed since. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('list, keep and check the administrative acts: schemas, keys, policies, overrides, exports')
    .addCommand(
      local('list')
        .description('list all acts, oldest first')
        .addOption(formatOption())
        .addHelpText('after', '\nExample:\n  $ khidi audit list')
        .action(list),
    )
    .addCommand(
      local('export')
        .description('write all acts, one JSON object a line, to be kept elsewhere')
        .addHelpText('after', '\nExample:\n  $ khidi audit export > audit.ndjson')
        .action(exportLines),
    )
    .addCommand(
      local('verify')
        .description('compare the acts with their leaves in the evidence log; finds a line that was removed, changed or added')
        .argument('[file]', 'what "khidi audit export" wrote; without it what stands in the topics now')
        .addHelpText(
          'after',
          '\nThe status is 0 only where every act has its leaf and every leaf its act.\n\nExample:\n  $ khidi audit verify audit.ndjson',
        )
        .action(verifyLines),
    );
}

const local = (name: string): Command => new Command(name).option('--state <path>', 'the local instance (KHIDI_STATE)');

async function list(flags: Where & { readonly output: Format }): Promise<void> {
  const lines = await readLines(requireInstance(flags));
  const acts = lines.map((one) => ({
    ...one,
    act: parse(Buffer.from(one.line, 'base64').toString('utf8')) as Record<string, unknown> | undefined,
  }));
  if (flags.output === 'json') {
    for (const { topic, offset, timestamp, act } of acts)
      await write(`${JSON.stringify({ topic, offset, at: new Date(timestamp).toISOString(), act })}\n`);
    return;
  }
  const rows = acts.map(({ topic, timestamp, act }) => [
    new Date(timestamp).toISOString(),
    topic,
    [text(act?.by), text(act?.confirmedBy)].filter((person) => person !== '').join(', '),
    [text(act?.action ?? act?.state), text(act?.subject ?? act?.kid), text(act?.version)].filter((word) => word !== '').join(' '),
    text(act?.reason ?? act?.why),
  ]);
  await write(asTable(['at', 'topic', 'who', 'what', 'why'], rows));
}

async function exportLines(flags: Where): Promise<void> {
  const lines = await readLines(requireInstance(flags));
  for (const line of lines) await write(`${JSON.stringify(line)}\n`);
  note(`${lines.length} acts.`);
}

async function verifyLines(file: string | undefined, flags: Where): Promise<void> {
  const instance = requireInstance(flags);
  const leaves = await readActs(instance);
  const lines = file === undefined ? await readLines(instance) : readExport(await readInput(file));
  const wrong = compareActs(lines, leaves);
  for (const line of wrong) await write(`${line}\n`);
  note(`${lines.length} acts, ${leaves.length} leaves: ${wrong.length === 0 ? 'all agree' : `${wrong.length} do not agree`}.`);
  if (wrong.length > 0) process.exitCode = EXIT.no;
}

async function readLines(instance: Instance): Promise<AuditLine[]> {
  return withKafka(kafkaOfInstance(instance), async (client) => {
    const all = await Promise.all(Object.keys(ACT_TOPICS).map((topic) => linesOf(client, topic)));
    return all.flat().sort((a, b) => a.timestamp - b.timestamp);
  });
}

async function linesOf(client: StreamClient, topic: string): Promise<AuditLine[]> {
  const records = await readTopic(client, topic);
  return records.map(({ partition, offset, timestamp, value }) => {
    return { topic, partition, offset, timestamp, line: (value ?? Buffer.alloc(0)).toString('base64') };
  });
}

function readExport(bytes: Buffer): AuditLine[] {
  const rows = bytes
    .toString('utf8')
    .split('\n')
    .filter((row) => row !== '');
  return rows.map((row, i) => {
    const line = parse(row) as AuditLine | undefined;
    if (typeof line?.line !== 'string' || typeof line.topic !== 'string')
      throw new CliError(EXIT.usage, `Line ${i + 1} is no act.`);
    return line;
  });
}

/** The leaves of administrative acts in the whole published log, whose checkpoint is verified with the log's key. */
async function readActs(instance: Instance): Promise<Leaf[]> {
  const { url } = requireService(instance, 'ledger');
  const { vkey } = (await askJson(`${url}/v1/log`)).body as { vkey: string };
  const key = readVkey(vkey);
  const checkpoint = key === undefined ? undefined : openCheckpoint((await askText(`${url}/checkpoint`)).text, key);
  if (checkpoint === undefined) throw new CliError(EXIT.no, 'The checkpoint of the log does not hold.');
  const leaves: Leaf[] = [];
  for (let bundle = 0; bundle * TILE_WIDTH < checkpoint.size; bundle += 1) {
    const answer = await fetch(`${url}/${bundlePath(bundle, Math.min(TILE_WIDTH, checkpoint.size - bundle * TILE_WIDTH))}`);
    const entries = decodeBundle(Buffer.from(await answer.arrayBuffer())) ?? [];
    leaves.push(...entries.flatMap((entry) => decodeLeaf(entry) ?? []).filter(({ k }) => isAct(k)));
  }
  return leaves;
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

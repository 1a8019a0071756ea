#!/usr/bin/env node
/**
 * A sending agency in one file: takes the changes of its registry from an outbox, hands them to its adapter, and learns what became
 * of each. It needs Node alone; copy it and put your own outbox in place of the file.
 *
 * Three rules make it exact:
 *   1. Every change has an id of its own, which stays the same however often it is sent. The same id with the same content counts once.
 *   2. 202 means that the record is safe. 4xx means: mend it. Everything else (503, a time-out, a lost line) means unknown: send again.
 *   3. "Accepted" is not yet "sealed": the outcomes say what was refused and why.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const HELP = `Sends the changes of an outbox (NDJSON: {"id", "type", "schema", "op", "record"}) to an agency's adapter.

  KHIDI_ADAPTER=http://127.0.0.1:8081 KHIDI_SUBSYSTEM=GE/GOV/7001/base-registry KHIDI_SECRET_FILE=secret.txt \\
    node send-changes.mjs outbox.ndjson --position position.json

Without these variables it uses the first agency of the local instance (.khidi/state.json, after "npm run up").
--position FILE keeps what is done, so that the next run goes on from there.
`;

const PATIENCE_MS = 60_000;
const ANSWER_MS = 15_000;

/** Where the adapter is and who calls it. */
function agency() {
  const { KHIDI_ADAPTER: url, KHIDI_SUBSYSTEM: subsystem, KHIDI_SECRET_FILE: secretFile } = process.env;
  if (url && subsystem && secretFile) return { url, subsystem, secretFile };
  const { services, secretsFolder, membersFile } = JSON.parse(readFileSync('.khidi/state.json', 'utf8'));
  const adapter = services.find(({ kind }) => kind === 'agency-adapter');
  const { subsystems } = JSON.parse(readFileSync(membersFile, 'utf8')).members.find(({ id }) => id === adapter.member);
  const code = subsystems[0].split('/').at(-1);
  const file = `${secretsFolder}/${adapter.member.replaceAll('/', '-')}.${code}.secret`;
  return { url: adapter.url, subsystem: `${adapter.member}/${code}`, secretFile: file };
}

/** Sends one change until it is known to be safe, or known to be refused. Gives the fault, or undefined. */
async function send({ url, subsystem, authorization }, { id, type, schema, op, record }) {
  const headers = {
    authorization,
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': `/${subsystem}`,
    'ce-type': `${type}.${op}`,
    'ce-dataschema': `urn:khidi:schema:${type}:${schema}`,
  };
  const end = Date.now() + PATIENCE_MS;
  for (let wait = 200; ; wait = Math.min(wait * 2, 5000)) {
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers,
      body: JSON.stringify(record),
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch(() => undefined); // nobody knows whether it arrived: rule 2
    if (answer?.status === 202) return undefined;
    if (answer !== undefined && answer.status >= 400 && answer.status < 500 && answer.status !== 429) return answer.json();
    if (Date.now() > end)
      throw new Error(`${url} does not take records now (last answer: ${answer?.status ?? 'none'}). Run this again later.`);
    await pause(wait);
  }
}

/** What became of a change, once that is decided. */
async function fateOf({ url, authorization }, id) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const answer = await fetch(`${url}/v1/events?id=${encodeURIComponent(id)}`, { headers: { authorization } });
    const fate = await answer.json();
    if (answer.ok && fate.status !== 'accepted') return fate;
    await pause(300);
  }
  throw new Error(`Nothing was decided about ${id} within ${PATIENCE_MS / 1000} s; it is safe, ask again later.`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { position: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const [outbox] = positionals;
if (values.help || outbox === undefined) {
  process.stdout.write(HELP);
  process.exit(values.help ? 0 : 2);
}

const me = agency();
const code = me.subsystem.split('/').at(-1);
me.authorization = `Basic ${Buffer.from(`${code}:${readFileSync(me.secretFile, 'utf8').trim()}`).toString('base64')}`;
const changes = readFileSync(outbox, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));
const done = readPosition(values.position);
let refused = 0;
for (const change of changes) {
  if (done.has(change.id)) continue;
  const fault = await send(me, change);
  const fate = fault === undefined ? await fateOf(me, change.id) : { status: 'refused at the door', faults: [fault] };
  const why = (fate.faults ?? []).map((one) => [one.code, one.pointer].filter(Boolean).join(' at ')).join(', ');
  process.stdout.write(`${change.id}: ${fate.status}${why === '' ? '' : ` (${why})`}\n`);
  if (why === '')
    done.add(change.id); // what was refused may be mended and sent under the same id
  else refused += 1;
  if (values.position !== undefined) writeFileSync(values.position, JSON.stringify([...done]));
}
process.exitCode = refused === 0 ? 0 : 1;

/** The ids that are done; none where the file is not there yet. */
function readPosition(file) {
  try {
    return new Set(JSON.parse(readFileSync(file ?? '', 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return new Set();
    throw error;
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { FAULTS, type FaultReport } from '#faults';
import { outcomesTopic, readEventType, sealedTopic, validatedTopic } from '#record';
import { readMembers } from '#settings';
import { administered } from './access.js';
import { type Adapter, adaptersOf, type ReadOutcome, readOutcomes } from './adapter.js';
import { findRecord, isEvent } from './find-record.js';
import { khidi } from './khidi.js';
import { indent, print } from './print.js';
import { showTheExchange } from './show-exchange.js';
import type { State } from './state.js';
import { withKafka } from './with-kafka.js';

/** Prints the way of one accepted and one rejected record, one verified envelope, what consumers got, and where to look next. */
export async function showTheWay(state: State): Promise<void> {
  const sealed = await first(state, 'sealed');
  const rejected = await first(state, 'rejected');
  if (sealed !== undefined) await showSealed(state, sealed);
  if (rejected !== undefined) showRejected(rejected);
  await showTheExchange(state);
  showNext(state, sealed?.outcome.type);
}

interface Told {
  readonly adapter: Adapter;
  readonly outcome: ReadOutcome;
}

/** The oldest outcome of a kind that any adapter has. */
async function first(state: State, kind: 'sealed' | 'rejected'): Promise<Told | undefined> {
  for (const adapter of adaptersOf(state.current)) {
    const [outcome] = (await readOutcomes(adapter, undefined, { kind, limit: 1 })).outcomes;
    if (outcome !== undefined) return { adapter, outcome };
  }
  return undefined;
}

async function showSealed(state: State, { adapter, outcome }: Told): Promise<void> {
  const { id = '', source = '', type = '' } = outcome;
  const of = readEventType(type)?.type;
  if (of === undefined) return;
  const [validated, sealed] = await withKafka(administered(state.current), (client) =>
    Promise.all([validatedTopic(of), sealedTopic(of)].map((topic) => findRecord(client, topic, isEvent({ source, id })))),
  );
  const { operator } = readMembers(state.current.membersFile);
  const leaf = await findLeaf(state, { iss: operator, jti: outcome.jti ?? '' });
  console.log(`The way of an accepted record: ${id}`);
  print([
    ['agency-adapter', outcome.ingress, `answered 202 to ${adapter.member} once Kafka had it`],
    ['validation', placeOf(validated), 'every rule of its schema holds'],
    ['signing', placeOf(sealed), `sealed as ${outcome.jti ?? ''}`],
    ['ledger', place(leaf), 'in the evidence log, which nobody can change unseen'],
    ['agency-adapter', outcomesTopic(adapter.member), `tells ${adapter.member}: ${outcome.kind} at ${outcome.at}`],
  ]);
  if (sealed?.value == null) return;
  console.log('Its envelope, verified with nothing but the published keys (khidi verify -o table):');
  // 1 is an answer, too: the key of an old envelope may have been revoked since.
  const { stdout } = await khidi(state.folder, ['verify', '-o', 'table'], sealed.value.toString('latin1'), [0, 1]);
  console.log(`${indent(stdout.trimEnd())}\n`);
  if (leaf === undefined) return;
  console.log(
    'The proof that it is in the evidence log (C2SP tlog-proof: index, path to the root, checkpoint with cosignatures):',
  );
  console.log(`${indent(leaf.proof.trimEnd())}\n`);
}

interface ShownLeaf {
  readonly index: number;
  readonly size: number;
  readonly proof: string;
}

const PATIENCE_MS = 10_000;

/** The leaf of an exchange and its proof; undefined where the ledger has none within some seconds. */
async function findLeaf(state: State, names: Readonly<Record<string, string>>): Promise<ShownLeaf | undefined> {
  const url = state.current.services.find(({ kind }) => kind === 'ledger')?.url;
  const query = new URLSearchParams(names);
  for (const end = Date.now() + PATIENCE_MS; url !== undefined && Date.now() < end; ) {
    const [leaf, proof] = await Promise.all([fetch(`${url}/v1/leaf?${query}`), fetch(`${url}/v1/proof?${query}`)]);
    if (leaf.ok && proof.ok && (await fetch(`${url}/checkpoint/cosigned`)).ok)
      return { ...((await leaf.json()) as { index: number; size: number }), proof: await proof.text() };
    await pause(200);
  }
  return undefined;
}

const place = (leaf: ShownLeaf | undefined) => (leaf === undefined ? 'no leaf yet' : `leaf ${leaf.index} of ${leaf.size}`);

function showRejected({ adapter, outcome }: Told): void {
  const { id = '(no id could be read)', ingress, faults = [] } = outcome;
  console.log(`The way of a rejected record: ${id}`);
  print([
    ['agency-adapter', ingress, `answered 202 to ${adapter.member} once Kafka had it`],
    ...faults.map((fault) => ['validation', fault.code, sentence(fault)]),
    ['agency-adapter', outcomesTopic(adapter.member), `tells ${adapter.member}: ${outcome.kind} at ${outcome.at}`],
  ]);
}

function sentence({ code, pointer, rule }: FaultReport): string {
  const place = pointer === undefined ? '' : ` at ${pointer === '' ? 'the record itself' : pointer}`;
  return `${FAULTS[code].title}${place}${rule === undefined ? '' : ` (${rule})`}`;
}

function showNext({ current: { services } }: State, type: string | undefined): void {
  const url = (kind: string) => services.find((service) => service.kind === kind)?.url ?? '';
  const of = readEventType(type ?? '')?.type ?? 'address.locality';
  console.log('Where to look next');
  print([
    ['npx khidi status', 'what runs, where it answers, how far it is'],
    [`npx khidi consume --type ${of} --max 3 | npx khidi verify`, 'read envelopes as a consumer does'],
    ['npx khidi outcomes --as GE/GOV/7001 --kind rejected', 'what an agency is told, and why'],
    ['npx khidi explain SCHEMA_VIOLATION', 'what a fault means and what to do'],
    ['npx khidi dead list --all', "the operator's desk: what could not be delivered, and what became of it"],
    [`${url('agency-adapter')}/openapi.json`, "an agency's door"],
    [`${url('signing')}/.well-known/jwks.json`, 'the published keys'],
    [`${url('ledger')}/checkpoint`, 'the evidence log, as C2SP tlog-tiles serves it'],
    [`${url('validation')}/metrics`, 'what Prometheus reads (deploy/prometheus/prometheus.yml)'],
    ['npm run down', 'end all this (npm run down -- --wipe removes the data too)'],
  ]);
}

const placeOf = (record: { topic: string; partition: number; offset: string } | undefined) =>
  record === undefined ? 'not kept any more' : `${record.topic}/${record.partition}/${record.offset}`;

import { setTimeout as pause } from 'node:timers/promises';
import { decodeHandover, HANDOVER_TOPIC, type Membership, type SubsystemId } from '#record';
import { administered } from './access.js';
import type { Sent } from './demo.js';
import { demoAgreements } from './demo-agreements.js';
import { findRecord } from './find-record.js';
import { khidi } from './khidi.js';
import { Missing } from './missing.js';
import { planReceiver, receiverOf } from './receiver.js';
import { ensureService } from './services.js';
import type { State } from './state.js';
import { withKafka } from './with-kafka.js';

const PATIENCE_MS = 120_000;

/** A dead letter, as far as it is counted here. */
interface Letter {
  readonly id: string;
}

/**
 * Waits until delivery has decided on everything that was sent, and until the receiving agency has it, but for what its endpoint cannot
 * keep, which waits at the operator's desk. Then the agency mends its endpoint, and the operator sends those on their way again. Gives the
 * sentence that sums it up.
 */
export async function exchange(
  state: State,
  membership: Membership,
  { sealed }: Sent,
  tell: (line: string) => void,
): Promise<string> {
  const counts = await handedOver(state, membership, sealed, tell);
  const consumer = receiverOf(membership);
  const mended = planReceiver(state, membership, true);
  if (consumer === undefined || mended === undefined) return sentenceOf(counts, 0);
  await brought(state, consumer, counts.by.get(consumer) ?? 0, tell);
  await ensureService(state, mended);
  const { stdout } = await khidi(state.folder, ['dead', 'replay', '--consumer', consumer, '-o', 'json']);
  return sentenceOf(counts, (JSON.parse(stdout) as readonly Letter[]).length);
}

/** What became of the exchanges that are new. */
interface Counts {
  delivered: number;
  refused: number;
  /** By consumer: how many were delivered. */
  readonly by: Map<SubsystemId, number>;
}

async function handedOver(
  state: State,
  membership: Membership,
  sealed: Sent['sealed'],
  tell: (line: string) => void,
): Promise<Counts> {
  const open = new Map(
    demoAgreements(membership).map(({ consumer, type }) => [`${consumer} ${type}`, new Set(sealed.get(type))]),
  );
  const counts: Counts = { delivered: 0, refused: 0, by: new Map() };
  const left = () => [...open.values()].reduce((sum, one) => sum + one.size, 0);
  if (left() === 0) return counts;
  const last = await withKafka(administered(state.current), (client) =>
    findRecord(
      client,
      HANDOVER_TOPIC,
      ({ value }) => {
        const { consumer, type, records = [] } = decodeHandover(value) ?? {};
        const waiting = open.get(`${consumer} ${type}`);
        for (const { jti = '', fate } of records) {
          if (consumer === undefined || waiting?.delete(jti) !== true) continue;
          counts[fate === 'delivered' ? 'delivered' : 'refused'] += 1;
          if (fate === 'delivered') counts.by.set(consumer, (counts.by.get(consumer) ?? 0) + 1);
        }
        tell(`${counts.delivered} delivered, ${counts.refused} refused, ${left()} to be decided on`);
        return left() === 0;
      },
      PATIENCE_MS,
    ),
  );
  if (last !== undefined) return counts;
  throw new Missing(`Delivery has not decided on ${left()} records after ${PATIENCE_MS / 1000} s: see .khidi/logs/delivery.log.`);
}

/** Until each delivery has either been taken by the endpoint or has become a dead letter. */
async function brought(state: State, consumer: SubsystemId, count: number, tell: (line: string) => void): Promise<void> {
  const url = state.current.services.find(({ kind }) => kind === 'receiving-agency')?.url ?? '';
  for (const end = Date.now() + PATIENCE_MS; ; await pause(300)) {
    const { taken } = (await (await fetch(url)).json()) as { taken: number };
    tell(`the receiving agency has ${taken} of ${count} records`);
    if (taken >= count) return;
    const { stdout } = await khidi(state.folder, ['dead', 'list', '--all', '--consumer', consumer, '-o', 'json']);
    if (taken + (JSON.parse(stdout) as readonly Letter[]).length >= count) return;
    if (Date.now() > end)
      throw new Missing(`The receiving agency got ${taken} of ${count} records in ${PATIENCE_MS / 1000} s: see .khidi/logs.`);
  }
}

function sentenceOf({ delivered, refused }: Counts, replayed: number): string {
  const desk = replayed === 0 ? '' : `, ${replayed} dead letters replayed from the desk`;
  return `${delivered.toLocaleString('en')} deliveries, ${refused.toLocaleString('en')} refusals${desk}`;
}

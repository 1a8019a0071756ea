import { readDelivery } from '#consumer';
import { type RecordObject, readKeySet } from '#envelope';
import { FAULTS } from '#faults';
import {
  decodeHandover,
  deliveryTopic,
  HANDOVER_TOPIC,
  type HandedRecord,
  HEADER,
  memberOf,
  type ReceivedRecord,
  type RecordType,
  type SubsystemId,
  sealedTopic,
} from '#record';
import { readMembers } from '#settings';
import type { StreamClient } from '#stream';
import { administered } from './access.js';
import { demoAgreements, demoPurpose, PLACES } from './demo-agreements.js';
import { findRecord, headerText } from './find-record.js';
import { khidi } from './khidi.js';
import { print } from './print.js';
import { receiverOf } from './receiver.js';
import { showUsage } from './show-usage.js';
import type { State } from './state.js';
import { withKafka } from './with-kafka.js';

/**
 * Prints what consumers got: a delivery with fewer fields and what the person whose record it is is told of it, a delivery that was refused
 * and why, and what was brought from the operator's desk. A part that has nothing to show yet is left out.
 */
export async function showTheExchange(state: State): Promise<void> {
  const person = await showFewerFields(state);
  if (person !== undefined) await showUsage(state, person);
  await showRefusal(state);
  await showDesk(state);
}

/** One record that was handed over, to whom, and its envelope as it was sealed. */
interface Handed {
  readonly consumer: SubsystemId;
  readonly type: RecordType;
  readonly one: HandedRecord;
}

const PATIENCE_MS = 3000;

/** The first handover whose records are like this. */
async function firstHanded(client: StreamClient, wanted: (handed: Handed) => boolean): Promise<Handed | undefined> {
  let found: Handed | undefined;
  const look = ({ value }: ReceivedRecord): boolean => {
    const { consumer, type, records = [] } = decodeHandover(value) ?? {};
    if (consumer === undefined || type === undefined) return false;
    found = records.map((one) => ({ consumer, type, one })).find(wanted);
    return found !== undefined;
  };
  await findRecord(client, HANDOVER_TOPIC, look, PATIENCE_MS);
  return found;
}

/** Gives the identifier of the person whose record it is. */
async function showFewerFields(state: State): Promise<string | undefined> {
  return withKafka(administered(state.current), async (client) => {
    const handed = await firstHanded(client, ({ one }) => one.fate === 'delivered' && one.fields !== undefined);
    if (handed === undefined) return undefined;
    const { consumer, type, one } = handed;
    const [sealed, delivered] = await Promise.all([
      recordAt(client, one.sealed),
      findRecord(
        client,
        deliveryTopic(consumer, type),
        ({ headers }) => headerText(headers, HEADER.number) === String(one.number),
      ),
    ]);
    const signing = state.current.services.find(({ kind }) => kind === 'signing')?.url ?? '';
    const keys = readKeySet(await (await fetch(`${signing}/.well-known/jwks.json`)).json());
    const now = new Date();
    const whole =
      sealed === undefined ? undefined : readDelivery({ ...sealed, ...numbered(sealed, handed) }, { keys, now, decode });
    const part = delivered === undefined ? undefined : readDelivery(delivered, { keys, now, decode });
    if (whole?.ok !== true || part?.ok !== true) return undefined;
    const arrived = Object.keys(part.delivery.record).sort();
    const all = Object.keys(whole.delivery.record).sort();
    console.log(`A delivery with fewer fields: number ${one.number} of ${type} to ${consumer}`);
    print([
      ['agreement', `${part.delivery.agreement}, for ${part.delivery.purpose} (${demoPurpose.basis.text})`],
      ['arrived', arrived.join(', ')],
      ['cut', all.filter((name) => !arrived.includes(name)).join(', ')],
      ['verified', `${part.delivery.jti}: the signature of signing holds for what arrived as for the whole`],
    ]);
    return String(whole.delivery.record.id);
  });
}

const decode = (record: RecordObject): RecordObject => record;
/** A sealed record read as the delivery that it became. */
const numbered = ({ headers }: ReceivedRecord, { consumer, type, one }: Handed) => ({
  topic: deliveryTopic(consumer, type),
  headers: { ...headers, [HEADER.number]: Buffer.from(String(one.number)) },
});

/** A place of an agency with which the consumer of places has agreed on nothing. */
async function showRefusal(state: State): Promise<void> {
  const terms = demoAgreements(readMembers(state.current.membersFile)).find(({ type }) => type === PLACES);
  if (terms === undefined) return;
  const { consumer, provider, type } = terms;
  const parties = [provider, memberOf(consumer)].map((member) => `/${member}/`);
  const isStranger = ({ headers }: ReceivedRecord): boolean => {
    const source = headerText(headers, HEADER.source);
    return source !== undefined && !parties.some((member) => source.startsWith(member));
  };
  await withKafka(administered(state.current), async (client) => {
    const sealed = await findRecord(client, sealedTopic(type), isStranger, PATIENCE_MS);
    if (sealed === undefined) return;
    const at = `${sealed.topic}/${sealed.partition}/${sealed.offset}`;
    const handed = await firstHanded(client, (one) => one.consumer === consumer && one.one.sealed === at);
    if (handed?.one.fate !== 'refused') return;
    console.log(`A delivery that was refused: ${type} of ${headerText(sealed.headers, HEADER.source)?.slice(1)} to ${consumer}`);
    print((handed.one.faults ?? []).map(({ code }) => [code, `${FAULTS[code].title}. ${FAULTS[code].next}`]));
  });
}

async function showDesk(state: State): Promise<void> {
  const consumer = receiverOf(readMembers(state.current.membersFile));
  if (consumer === undefined) return;
  const { stdout } = await khidi(state.folder, ['dead', 'list', '--all', '--consumer', consumer, '-o', 'json']);
  const letters = JSON.parse(stdout) as readonly ShownLetter[];
  const shown = letters.filter(({ resolution }) => resolution !== undefined).slice(0, 3);
  if (shown.length === 0) return;
  console.log(`What the webhook of ${consumer} could not take at first, brought from the operator's desk:`);
  print(shown.map(({ id, code, resolution }) => [id, code, `${resolution?.state} by ${resolution?.by} at ${resolution?.at}`]));
}

interface ShownLetter {
  readonly id: string;
  readonly code: string;
  readonly resolution?: { readonly state: string; readonly by: string; readonly at: string };
}

/** The record at `topic/partition/offset`; undefined where it is not kept any more. */
async function recordAt({ transport }: StreamClient, at: string): Promise<ReceivedRecord | undefined> {
  const [topic = '', partition = '0', offset = '0'] = at.split('/');
  return new Promise((resolve, reject) => {
    const reader = transport.read({ topic, partition: Number(partition), from: BigInt(offset) }, async ({ records: [first] }) => {
      if (first === undefined) return;
      void reader.stop();
      resolve(first.offset === offset ? first : undefined);
    });
    reader.done.catch(reject);
  });
}

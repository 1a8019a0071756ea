import { setTimeout as pause } from 'node:timers/promises';
import { canonicalize, sha256Base64url } from '#canonical';
import { verify } from '#envelope';
import {
  decodeLoadMark,
  decodeOutcomes,
  HEADER,
  isLoadMark,
  outcomesTopic,
  type ReceivedRecord,
  type RecordType,
  sealedTopic,
} from '#record';
import type { Agency, Instance } from '../instance/instance.js';
import { publishedKeys } from '../instance/published-keys.js';
import type { Delivered, Told } from './judge.js';

/** Everything that stands on the sealed topic of a type, verified with the published keys alone, in the order of its partitions. */
export async function readSealed(instance: Instance, type: RecordType): Promise<Delivered[]> {
  const keys = (await publishedKeys(instance)).current();
  const records = await readWhole(instance, sealedTopic(type));
  return records.map((record) => {
    const result = verify(record.value ?? Buffer.alloc(0), { keys, now: new Date(), message: record });
    if (!result.ok) return { event: textOf(record.headers[HEADER.id]), exchange: '', sub: '', seq: 0, digest: undefined };
    const { claims } = result;
    return {
      event: `${claims.event.source} ${claims.event.id}`,
      exchange: `${claims.iss} ${claims.jti}`,
      sub: claims.sub,
      seq: claims.seq,
      digest: sha256Base64url(canonicalize(claims.record)),
    };
  });
}

/** Every outcome on the member's topic. */
export async function readOutcomes(instance: Instance, agency: Agency): Promise<Told[]> {
  const records = await readWhole(instance, outcomesTopic(agency.member.id));
  return records.flatMap((record) =>
    (decodeOutcomes(record.value) ?? []).map((outcome) => ({ event: `${outcome.source} ${outcome.id}`, kind: outcome.kind })),
  );
}

/** Whether it is more than the mark of an initial load, which is no delivery and holds nothing of a record. */
export const isDelivery = (record: ReceivedRecord): boolean => !isLoadMark(record) || decodeLoadMark(record.value) === undefined;

/** All committed records of a topic up to its end as it is now. */
export async function readWhole(instance: Pick<Instance, 'client'>, topic: string): Promise<ReceivedRecord[]> {
  const found: ReceivedRecord[] = [];
  for (const { partition, start, end } of await instance.client.admin.endOffsets(topic)) {
    if (BigInt(end) <= BigInt(start)) continue;
    found.push(...(await readPartition(instance, topic, partition, BigInt(end))));
  }
  return found;
}

const QUIET_MS = 3000;

/**
 * Reads up to `end`. The last offset of a partition is often the marker of a transaction, which no reader sees; where more of them
 * stand there (aborted transactions), the end is taken to be reached once nothing has come for a while.
 */
async function readPartition(
  instance: Pick<Instance, 'client'>,
  topic: string,
  partition: number,
  end: bigint,
): Promise<ReceivedRecord[]> {
  const found: ReceivedRecord[] = [];
  let last = Date.now() + QUIET_MS;
  let whole = false;
  const tail = await instance.client.tail(topic, { fromOffset: 'earliest', partition }, (records) => {
    found.push(...records);
    last = Date.now();
    whole = BigInt(records.at(-1)?.offset ?? -1) + 2n >= end;
  });
  while (!whole && Date.now() - last < QUIET_MS) await pause(20);
  await tail.stop();
  await tail.done;
  return found;
}

const textOf = (value: Buffer | readonly Buffer[] | undefined): string => (Buffer.isBuffer(value) ? value.toString('utf8') : '');

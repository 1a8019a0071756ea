import { ingressTopic, type RecordType } from '#record';
import { kafkaHeaders } from '../instance/event-headers.js';
import type { Instance } from '../instance/instance.js';
import { TIME } from './pace.js';

/** One record for an ingress topic. */
export interface Load {
  readonly type: RecordType;
  readonly body: Buffer;
}

const PART = 2000;

/**
 * Writes `records` to the ingress topics of the three agencies in turn, with event ids that begin with `run`, as agencies with their
 * own Kafka client would. Returns how many were written.
 */
export async function fill(
  instance: Instance,
  run: string,
  records: Iterable<Load>,
  tell: (done: number) => void,
): Promise<number> {
  const publisher = instance.client.publisher({ timeoutMs: 60_000 });
  let part: Parameters<typeof publisher.publish>[0][number][] = [];
  let written = 0;
  const flush = async (): Promise<void> => {
    await publisher.publish(part);
    written += part.length;
    part = [];
    tell(written);
  };
  let n = 0;
  for (const { type, body } of records) {
    const agency = instance.agencies[n % instance.agencies.length];
    if (agency === undefined) break;
    const id = `${run}-${n}`;
    n += 1;
    part.push({
      topic: ingressTopic(agency.member.id, type),
      key: id,
      partition: 0,
      value: body,
      headers: kafkaHeaders(agency, { id, of: type, time: TIME }),
    });
    if (part.length === PART) await flush();
  }
  if (part.length > 0) await flush();
  await publisher.close();
  return written;
}

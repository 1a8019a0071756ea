import { setTimeout as pause } from 'node:timers/promises';
import { jtiOf } from '#envelope';
import { HEADER, type Position, type ReceivedRecord } from '#record';
import type { Marks, SeenEntry } from '#seen';
import { deadLetterTopic, readDeadLetter, type StreamClient } from '#stream';
import { describeError, type Logger } from '#telemetry';

/** What follows the dead letters of signing. */
export interface BuriedLaterParts {
  readonly client: Pick<StreamClient, 'tail'>;
  readonly marks: Pick<Marks, 'release'>;
  readonly log: Logger;
}

type Release = Pick<SeenEntry, 'jti' | 'position'>;

const ASK_AGAIN_MS = 1000;
const INGRESS = /^([A-Za-z0-9._-]{1,249})\/(0|[1-9][0-9]{0,8})\/(0|[1-9][0-9]{0,18})$/;

/**
 * A rejected id is not burnt, also where it is signing that gives a record up after it was accepted here: its mark is forgotten, so that
 * the agency's next try is judged anew instead of being called a duplicate of what was never sealed. Reads all that signing keeps; a
 * mark of another position stays, so doing it again changes nothing. While Redis is away it waits. Throws STREAM_TOPIC_MISSING.
 */
export async function followBuriedLater({ client, marks, log }: BuriedLaterParts): Promise<void> {
  const topic = deadLetterTopic('signing');
  const tail = await client.tail(topic, { fromOffset: 'earliest' }, async (records) => {
    const released = records.flatMap(releaseOf);
    for (;;) {
      try {
        return await marks.release(released);
      } catch (error) {
        log.warn('ids of dead letters stay marked for now', describeError(error));
        await pause(ASK_AGAIN_MS);
      }
    }
  });
  tail.done.catch((error: unknown) => log.error('dead letters cannot be followed', { topic, ...describeError(error) }));
}

/** Whose mark it is; nothing where a foreign record does not say. */
function releaseOf(record: ReceivedRecord): Release[] {
  const headers = readDeadLetter(record)?.original.headers ?? {};
  const [id, source, origin] = [HEADER.id, HEADER.source, HEADER.origin].map((name) => headers[name]);
  const position = Buffer.isBuffer(origin) ? ingressOf(origin) : undefined;
  if (!Buffer.isBuffer(id) || !Buffer.isBuffer(source) || position === undefined) return [];
  return [{ jti: jtiOf(source.toString('utf8'), id.toString('utf8')), position }];
}

/** Where the record came in, as `khidi_origin` says. */
function ingressOf(origin: Buffer): Position | undefined {
  try {
    const { ingress } = JSON.parse(origin.toString('utf8')) as { readonly ingress?: unknown };
    const [, topic, partition, offset] = INGRESS.exec(String(ingress)) ?? [];
    if (topic === undefined || offset === undefined) return undefined;
    return { topic, partition: Number(partition), offset };
  } catch {
    return undefined; // not what validation writes: a foreign record
  }
}

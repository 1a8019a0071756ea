import { setTimeout as pause } from 'node:timers/promises';
import { jtiOf } from '#envelope';
import { HEADER, type Position, type ReceivedRecord } from '#record';
import type { Marks, SeenEntry } from '#seen';
import { deadLetterTopic, readDeadLetter, type StreamClient } from '#stream';
import { describeError, type Logger } from '#telemetry';

/** What follows the dead letters of those after us. */
export interface BuriedLaterParts {
  readonly client: Pick<StreamClient, 'tail'>;
  readonly marks: Pick<Marks, 'release'>;
  readonly log: Logger;
}

type Release = Pick<SeenEntry, 'jti' | 'position'>;

/** Who may give up what was accepted here, and tells the agency. */
const AFTER_US = ['signing', 'ledger'] as const;
const ASK_AGAIN_MS = 1000;
const INGRESS = /^([A-Za-z0-9._-]{1,249})\/(0|[1-9][0-9]{0,8})\/(0|[1-9][0-9]{0,18})$/;

/**
 * A rejected id is not burnt, also where it is signing that gives a record up after it was accepted here, or the ledger, since its
 * key was revoked meanwhile: its mark is forgotten, so that the agency's next try is judged anew instead of being called a duplicate of what nobody gets.
 * Reads all that they keep; a mark of another position stays, so doing it again changes nothing. While Redis is away it waits. Throws
 * STREAM_TOPIC_MISSING.
 */
export async function followBuriedLater(parts: BuriedLaterParts): Promise<void> {
  for (const service of AFTER_US) await follow(deadLetterTopic(service), parts);
}

async function follow(topic: string, { client, marks, log }: BuriedLaterParts): Promise<void> {
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
  const [id, source, origin, ingress] = [HEADER.id, HEADER.source, HEADER.origin, HEADER.ingress].map((name) => headers[name]);
  const position = Buffer.isBuffer(origin) ? ingressOf(origin) : Buffer.isBuffer(ingress) ? positionOf(ingress) : undefined;
  if (!Buffer.isBuffer(id) || !Buffer.isBuffer(source) || position === undefined) return [];
  return [{ jti: jtiOf(source.toString('utf8'), id.toString('utf8')), position }];
}

/** Where the record came in, as `khidi_origin` says; beside an envelope it stands alone. */
function ingressOf(origin: Buffer): Position | undefined {
  try {
    const { ingress } = JSON.parse(origin.toString('utf8')) as { readonly ingress?: unknown };
    return positionOf(ingress);
  } catch {
    return undefined; // not what validation writes: a foreign record
  }
}

function positionOf(ingress: unknown): Position | undefined {
  const [, topic, partition, offset] = INGRESS.exec(String(ingress)) ?? [];
  return topic === undefined || offset === undefined ? undefined : { topic, partition: Number(partition), offset };
}

import type { HeaderBytes, ReceivedRecord } from '#record';
import { HEADER } from '#record';
import type { StreamClient } from '#stream';

const PATIENCE_MS = 10_000;

/** The first committed record of a topic that is wanted, or undefined where none is found in time. */
export async function findRecord(
  client: Pick<StreamClient, 'tail'>,
  topic: string,
  wanted: (record: ReceivedRecord) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<ReceivedRecord | undefined> {
  let found: (record: ReceivedRecord | undefined) => void = () => undefined;
  const result = new Promise<ReceivedRecord | undefined>((resolve) => {
    found = resolve;
  });
  const timer = setTimeout(() => found(undefined), patienceMs);
  const tail = await client.tail(topic, { fromOffset: 'earliest' }, (records) => {
    const record = records.find(wanted);
    if (record !== undefined) found(record);
  });
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    await tail.stop();
  }
}

/** Whether a record is about the event with this CloudEvents source and id. */
export const isEvent =
  ({ source, id }: { readonly source: string; readonly id: string }) =>
  ({ headers }: ReceivedRecord): boolean =>
    headerText(headers, HEADER.id) === id && headerText(headers, HEADER.source) === source;

/** A header as text; undefined where it stands there never or more than once. */
export function headerText(headers: HeaderBytes, name: string): string | undefined {
  const value = headers[name];
  return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
}

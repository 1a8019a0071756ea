import type { ReceivedRecord } from '#record';
import { HEADER } from '#record';
import type { StreamClient } from '#stream';

const PATIENCE_MS = 10_000;

/** The first committed record of a topic with this CloudEvents source and id, or undefined where none is found in time. */
export async function findRecord(
  client: StreamClient,
  topic: string,
  { source, id }: { readonly source: string; readonly id: string },
): Promise<ReceivedRecord | undefined> {
  let found: (record: ReceivedRecord | undefined) => void = () => undefined;
  const result = new Promise<ReceivedRecord | undefined>((resolve) => {
    found = resolve;
  });
  const timer = setTimeout(() => found(undefined), PATIENCE_MS);
  const tail = await client.tail(topic, { fromOffset: 'earliest' }, (records) => {
    const record = records.find(({ headers }) => text(headers[HEADER.id]) === id && text(headers[HEADER.source]) === source);
    if (record !== undefined) found(record);
  });
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    await tail.stop();
  }
}

const text = (value: ReceivedRecord['headers'][string]) => (Buffer.isBuffer(value) ? value.toString('utf8') : undefined);

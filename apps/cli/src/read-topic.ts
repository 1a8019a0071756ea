import type { ReceivedRecord } from '#record';
import type { StreamClient } from '#stream';

/** All committed records of a topic as it is now, partition by partition. */
export async function readTopic(client: StreamClient, topic: string): Promise<readonly ReceivedRecord[]> {
  const records: ReceivedRecord[] = [];
  await scanTopic(client, topic, (record) => void records.push(record));
  return records;
}

/** Shows all committed records of a topic as it is now, partition by partition; none of them is kept. */
export async function scanTopic(client: StreamClient, topic: string, show: (record: ReceivedRecord) => void): Promise<void> {
  for (const { partition, start, end } of await client.admin.endOffsets(topic)) {
    if (BigInt(end) <= BigInt(start)) continue;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const reader = client.transport.read({ topic, partition, from: 'earliest' }, async (run) => {
      for (const record of run.records) show(record);
      if (run.next >= BigInt(end)) finish();
    });
    await Promise.race([finished, reader.done]);
    await reader.stop();
  }
}

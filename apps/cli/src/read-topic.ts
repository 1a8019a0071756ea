import type { ReceivedRecord } from '#record';
import type { StreamClient } from '#stream';

/** All committed records of a topic as it is now, partition by partition. */
export async function readTopic(client: StreamClient, topic: string): Promise<readonly ReceivedRecord[]> {
  const records: ReceivedRecord[] = [];
  for (const { partition, start, end } of await client.admin.endOffsets(topic)) {
    if (BigInt(end) <= BigInt(start)) continue;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const reader = client.transport.read({ topic, partition, from: 'earliest' }, async (run) => {
      records.push(...run.records);
      if (run.next >= BigInt(end)) finish();
    });
    await Promise.race([finished, reader.done]);
    await reader.stop();
  }
  return records;
}

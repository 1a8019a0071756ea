import type { OpenCluster } from './cluster.adapter.js';
import { Feed } from './feed.adapter.js';
import { Fetcher } from './fetcher.adapter.js';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** A cluster whose only broker fails every fetch with an error of this name. Tells what was done to it. */
function failing(name: string) {
  const done: string[] = [];
  let enough: () => void = silent;
  const twice = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const cluster = {
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
    findBroker: async () => ({
      fetch: async () => {
        done.push('fetch');
        if (done.filter((one) => one === 'fetch').length > 1) enough();
        throw Object.assign(new Error('quotes nothing'), { name });
      },
    }),
    refreshMetadata: async () => void done.push('metadata'),
  };
  const open = { cluster, sever: () => void done.push('sever') } as unknown as OpenCluster;
  return { open, done, twice };
}

describe('when a fetch fails', () => {
  it.each([
    ['is not answered in time', 'KafkaJSRequestTimeoutError', ['fetch', 'sever', 'metadata', 'fetch']],
    ['breaks with its connection', 'KafkaJSConnectionError', ['fetch', 'metadata', 'fetch']],
  ])('and %s, it is tried again: over new connections only where nobody answered', async (_, name, expected) => {
    const { open, done, twice } = failing(name);
    const fetcher = new Fetcher(open, log);
    const feed = new Feed('topic', 0, fetcher.wake);
    fetcher.start([feed]);
    feed.seek(0n);
    await twice;
    fetcher.stop();
    expect(done.slice(0, 4)).toEqual(expected);
  });
});

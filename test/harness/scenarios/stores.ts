import { Gauges } from '../../instance/gauges.js';
import { ask } from '../ask-redis.js';
import type { Scenario } from '../scenario.js';

export const STORES: readonly Scenario[] = [
  {
    name: 'redis',
    faults: [12],
    what: 'Redis emptied, read-only, out of memory, and killed and started empty: ids that come again stay known to the ledger',
    stage: 'plain',
    async disturb({ instance }, { tell, pause, moves, wrong }) {
      const { redisUrl } = instance;
      const change = async (command: string): Promise<void> => {
        tell(`Redis: ${command}`);
        const answer = await ask(redisUrl, command);
        if (!answer.startsWith('+OK')) wrong(`Redis answers ${answer}`);
      };
      await change('FLUSHALL');
      await moves();
      await change('CONFIG SET min-replicas-to-write 1'); // refuses every write
      await pause(3000);
      await change('CONFIG SET min-replicas-to-write 0');
      await moves();
      await change('CONFIG SET maxmemory 1');
      await pause(3000);
      await change('CONFIG SET maxmemory 0');
      await moves();
      tell('SIGKILL of Redis, started again empty');
      await instance.bounceRedis(1000);
    },
  },
  {
    name: 'database',
    faults: [13],
    what: "the PostgreSQL under the log's index ends and starts, and drops every connection: the log goes on, the index catches up",
    stage: 'evidence',
    async disturb({ database }, { tell, pause, moves, wrong }) {
      if (database === undefined) return wrong('PostgreSQL is not installed (Debian package postgresql)');
      tell('PostgreSQL ends at once and starts again');
      database.stop();
      await moves();
      await pause(1000);
      database.start();
    },
    async after({ instance }, { until }) {
      await until('the index has every leaf', async () => {
        const gauges = await Gauges.of(instance.ledger);
        const leaves = gauges.sum('khidi_log_size_leaves');
        return leaves > 0 && leaves === gauges.sum('khidi_log_index_leaves');
      });
    },
  },
];

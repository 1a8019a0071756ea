import { join } from 'node:path';
import { type KafkaPlan, newClusterId, type RunningKafka, startKafka, stopKafka } from './kafka.js';
import { freePort, LOOPBACK } from './ports.js';

/** How to start the brokers of one cluster; each gets a folder of its own in `folder`. */
export interface ClusterPlan extends Pick<KafkaPlan, 'folder' | 'jars' | 'java' | 'heap'> {
  /** One, or three: then everything stands on all of them and is acknowledged once two have it. */
  readonly brokers: 1 | 3;
  /** What clients are told instead of the port of a broker (from 0), where a proxy stands in between. */
  readonly advertise?: (broker: number, port: number) => Promise<number>;
}

/** Brokers that can be ended and started one by one, on the same data and ports. */
export interface KafkaCluster {
  /** For clients; proxies where there are some. */
  readonly addresses: readonly string[];
  /** By broker, from 0: the number of its process. */
  pid(broker: number): number;
  /** SIGKILL, as when the machine fails; the data stays. */
  kill(broker: number): void;
  /** Asks it to end and waits until it is gone. */
  end(broker: number): Promise<void>;
  start(broker: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts all brokers side by side, since none accepts connections before most of the controllers have found each other. */
export async function startCluster({ brokers, advertise, folder, ...plan }: ClusterPlan): Promise<KafkaCluster> {
  const clusterId = newClusterId();
  const ports: { readonly port: number; readonly advertisedPort: number; readonly controllerPort: number }[] = [];
  for (let i = 0; i < brokers; i++) {
    const port = await freePort();
    ports.push({
      port,
      advertisedPort: advertise === undefined ? port : await advertise(i, port),
      controllerPort: await freePort(),
    });
  }
  const controllerPorts = ports.map(({ controllerPort }) => controllerPort);
  const startOne = (i: number): Promise<RunningKafka> => {
    const place = ports[i];
    if (place === undefined) throw new Error(`there is no broker ${i}`);
    return startKafka({
      ...plan,
      ...place,
      folder: join(folder, `broker-${i + 1}`),
      member: { id: i + 1, controllerPorts, clusterId },
    });
  };
  const running = await Promise.all(ports.map((_, i) => startOne(i)));
  const processOf = (i: number): RunningKafka['process'] => {
    const one = running[i];
    if (one === undefined) throw new Error(`there is no broker ${i}`);
    return one.process;
  };
  return {
    addresses: ports.map(({ advertisedPort }) => `${LOOPBACK}:${advertisedPort}`),
    pid: (i) => processOf(i).pid,
    kill: (i) => void process.kill(processOf(i).pid, 'SIGKILL'),
    end: (i) => stopKafka(processOf(i)),
    async start(i) {
      running[i] = await startOne(i);
    },
    async stop() {
      await Promise.all(running.map(({ process: one }) => stopKafka(one)));
    },
  };
}

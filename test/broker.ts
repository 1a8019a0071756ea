import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningKafka, startKafka } from '../deploy/local/kafka.js';
import { freePort } from '../deploy/local/ports.js';

/** A real single-node Kafka of a test's own, with its data in a temporary folder. */
export interface TestBroker {
  /** For `kafkaClient({ brokers: [address] })`. */
  readonly address: string;
  readonly port: number;
  /** SIGKILL, as when the machine fails; the data stays. */
  kill(): Promise<void>;
  /** Starts again on the same data and ports. */
  restart(): Promise<void>;
  /** Ends it and removes the data. */
  stop(): Promise<void>;
}

/** Starts one. The jars lie in `KHIDI_KAFKA_JARS` (`npm test` sets it) or in `.khidi/kafka/libs`. */
export async function startBroker(): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-broker-'));
  const port = await freePort();
  const controllerPort = await freePort();
  const plan = {
    folder,
    port,
    controllerPort,
    jars: process.env.KHIDI_KAFKA_JARS ?? join(process.cwd(), '.khidi', 'kafka', 'libs'),
    java: process.env.KHIDI_JAVA ?? 'java',
    heap: 512,
  };
  let running: RunningKafka = await startKafka(plan);
  return {
    address: running.brokers,
    port,
    async kill() {
      process.kill(running.process.pid, 'SIGKILL');
      await running.stop(); // waits until it is gone
    },
    async restart() {
      running = await startKafka(plan);
    },
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

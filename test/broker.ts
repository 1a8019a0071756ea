import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsFiles } from '#stream';
import { openAuthority } from '../deploy/local/authority.js';
import { type RunningKafka, startKafka } from '../deploy/local/kafka.js';
import { freePort } from '../deploy/local/ports.js';
import { endsWithUs } from './instance/ends-with-us.js';

/** A real single-node Kafka of a test's own, with its data in a temporary folder. */
export interface TestBroker {
  /** For `kafkaClient({ brokers: [address] })`. */
  readonly address: string;
  readonly port: number;
  /** The port that the broker itself listens on, behind the proxy where there is one. */
  readonly behind: number;
  /** The broker's process. */
  pid(): number;
  /** What a principal of a closed broker proves itself with. */
  tlsOf(principal: string): TlsFiles;
  /** Those of which little time is left are made anew, in the same files. */
  renewTlsOf(principal: string): void;
  /** SIGKILL, as when the machine fails; the data stays. */
  kill(): Promise<void>;
  /** Starts again on the same data and ports. */
  restart(): Promise<void>;
  /** Ends it and removes the data. */
  stop(): Promise<void>;
}

/**
 * Starts one. The jars lie in `KHIDI_KAFKA_JARS` (`npm test` sets it) or in `.khidi/kafka/libs`. With `proxied`, clients are told to
 * come to `port`, where the test has to put a proxy to `behind`. With `administrators` it is closed: TLS and rules for everybody else.
 */
export async function startBroker({
  proxied = false,
  administrators,
  certifiedAt,
}: {
  readonly proxied?: boolean;
  readonly administrators?: readonly string[];
  /** When its certificates were made. */
  readonly certifiedAt?: Date;
} = {}): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-broker-'));
  const port = await freePort();
  const behind = proxied ? await freePort() : port;
  const controllerPort = await freePort();
  const authority = openAuthority(join(folder, 'tls'), certifiedAt);
  const plan = {
    folder,
    ...(administrators === undefined ? {} : { closed: { ...authority.broker(), administrators } }),
    port: behind,
    advertisedPort: port,
    controllerPort,
    jars: process.env.KHIDI_KAFKA_JARS ?? join(process.cwd(), '.khidi', 'kafka', 'libs'),
    java: process.env.KHIDI_JAVA ?? 'java',
    heap: 512,
  };
  let running: RunningKafka = await startKafka(plan, endsWithUs);
  return {
    address: `127.0.0.1:${port}`,
    port,
    behind,
    pid: () => running.process.pid,
    tlsOf: (principal) => authority.client(principal),
    renewTlsOf: (principal) => void openAuthority(join(folder, 'tls')).client(principal),
    async kill() {
      process.kill(running.process.pid, 'SIGKILL');
      await running.stop(); // waits until it is gone
    },
    async restart() {
      running = await startKafka(plan, endsWithUs);
    },
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

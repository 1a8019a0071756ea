import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { verify } from '#envelope';
import type { SubsystemId } from '#record';
import { readJsonFile } from '#settings';
import { kafkaClient, planTopics, type StreamClient } from '#stream';
import { createLogger } from '#telemetry';
import { startBroker } from '../broker.js';
import { directoryOf, SealedRoad } from '../flow/exchange.js';
import { besideBroker, type DeliveryPlace, prepareDelivery } from '../instance/delivery.js';
import { membershipOf } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { quantile, type Row, row } from './measure.js';

const CONSUMERS = Array.from({ length: 10 }, (_, n) => `GE/GOV/7002/desk-${n}` as SubsystemId);
const PER_SECOND = 20;
const SUBJECTS = 40;
const WARM_SECONDS = 20;

/**
 * Ten consumers with webhooks, each of which gets every record: the time from the ledger's word that a record may go to the request at
 * the consumer's end. First with all ten alive, then with one that takes requests and never answers; the nine others count.
 */
export async function benchDeadConsumer(seconds: number, tell: (text: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-bench-dead-'));
  const broker = await startBroker();
  const client = kafkaClient({ brokers: [broker.address], clientId: 'bench', log: createLogger('bench', 'error') });
  const ends = new Ends();
  const urls = await ends.listen();
  let delivery: ServiceProcess | undefined;
  try {
    await client.admin.ensureTopics(planTopics(readJsonFile(resolve('deploy/kafka/topics.json')), membershipOf()));
    const road = new SealedRoad();
    delivery = await prepare(besideBroker(folder, broker.address, client), road, urls);
    delivery.start();
    await delivery.ready();
    const rates: { all: number[]; nine: number[] } = { all: [], nine: [] };
    await ends.measure(road, client, WARM_SECONDS, () => undefined);
    await ends.measure(road, client, seconds, (ms) => rates.all.push(ms), tell);
    ends.dead = true;
    await ends.measure(road, client, seconds, (ms) => rates.nine.push(ms), tell);
    const beside = (q: number) => ({ name: 'all ten alive', value: quantile(rates.all, q) });
    const what = `released to webhook at ${PER_SECOND}/s, nine consumers beside a dead one`;
    return [
      row(`${what}, p50`, quantile(rates.nine, 0.5), 'ms', beside(0.5)),
      row(`${what}, p99`, quantile(rates.nine, 0.99), 'ms', beside(0.99)),
    ];
  } finally {
    await delivery?.stop();
    ends.close();
    await client.close();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Delivery with a directory in which all ten may have everything, their webhook secrets, and the key that seals. */
async function prepare(place: DeliveryPlace, { keyRecord }: SealedRoad, urls: readonly string[]): Promise<ServiceProcess> {
  const wanted = CONSUMERS.map((consumer, n) => ({ consumer, fields: 'record' as const, webhook: urls[n] ?? '' }));
  const directory = await directoryOf(wanted, { quota: { records: 1_000_000_000, per: 'hour' } });
  const webhook = { KHIDI_WEBHOOK_PRIVATE: 'yes', KHIDI_WEBHOOK_SECONDS: '5' };
  const env = { NODE_ENV: 'production', KHIDI_LOG_LEVEL: 'warn', ...webhook };
  return prepareDelivery(place, { directory, keyRecord, webhooks: CONSUMERS, env });
}

/** The consumers' ends: one server for each, the last of which can die. */
class Ends {
  dead = false;
  private readonly servers: ReturnType<typeof createServer>[] = [];
  private readonly held = new Set<ServerResponse>();
  /** When the ledger's word on a record was given, by event id, and how many of the living have it. */
  private readonly released = new Map<string, { readonly at: number; left: number }>();
  private keys: SealedRoad['keys'] | undefined;
  private onArrival: (ms: number) => void = () => undefined;
  private sent = 0;
  /** What arrived that is no envelope. */
  private broken: Error | undefined;

  async listen(): Promise<string[]> {
    return Promise.all(
      CONSUMERS.map(async (_, n) => {
        const server = createServer((request, response) => {
          const parts: Buffer[] = [];
          request.on('data', (part: Buffer) => parts.push(part));
          request.on('end', () => {
            if (n === 0 && this.dead) this.held.add(response);
            else {
              response.writeHead(204).end();
              if (request.headers['khidi-loaded'] === undefined) this.arrived(n, Buffer.concat(parts)); // no record: the first ones are all there
            }
          });
        });
        this.servers.push(server);
        await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      }),
    );
  }

  /** Sends for so many seconds and waits until the living consumers have it all. */
  async measure(
    road: SealedRoad,
    client: StreamClient,
    seconds: number,
    onArrival: (ms: number) => void,
    tell: (text: string) => void = () => undefined,
  ): Promise<void> {
    this.keys = road.keys;
    this.onArrival = onArrival;
    const publisher = client.publisher();
    const began = performance.now();
    for (let n = 0; n < PER_SECOND * seconds; n += 1) {
      await pause(Math.max(0, began + (n * 1000) / PER_SECOND - performance.now()));
      const id = `r-${this.sent}`;
      const record = await road.change(id, this.sent % SUBJECTS);
      this.sent += 1;
      const [position] = await publisher.publish([record]);
      this.released.set(id, { at: performance.now(), left: CONSUMERS.length - 1 });
      await publisher.publish([road.logged(record.partition ?? 0, [position?.offset ?? '0'], [])]);
      if (n % 100 === 0) tell(`ten consumers${this.dead ? ', one dead' : ''}: ${n} of ${PER_SECOND * seconds}`);
    }
    await publisher.close();
    for (const end = Date.now() + 60_000; this.released.size > 0; await pause(50)) {
      if (this.broken !== undefined) throw this.broken;
      if (Date.now() > end) throw new Error(`${this.released.size} records did not come to all who live`);
    }
  }

  close(): void {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  private arrived(consumer: number, body: Buffer): void {
    if (consumer === 0 || this.keys === undefined) return; // the one that dies does not count while it lives, either
    const now = performance.now();
    const result = verify(body, { keys: this.keys, now: new Date() });
    if (!result.ok) {
      this.broken ??= new Error(result.fault.code);
      return;
    }
    const { id } = result.claims.event;
    const one = this.released.get(id);
    if (one === undefined) return;
    this.onArrival(now - one.at);
    one.left -= 1;
    if (one.left === 0) this.released.delete(id);
  }
}

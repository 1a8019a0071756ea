import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { type Consuming, type ContentSource, consume, type Delivery, memorySink } from '#consumer';
import { type KeySet, type RecordObject, readKeySet } from '#envelope';
import { newSecret } from '#http';
import {
  type ContentReference,
  type MemberId,
  type Membership,
  memberInTopic,
  type RecordType,
  readMembership,
  type SubsystemId,
} from '#record';
import { readJsonFile } from '#settings';
import { kafkaClient, planTopics } from '#stream';
import { createLogger } from '#telemetry';
import { deliveryProcess } from '../instance/delivery.js';
import { httpHeaders } from '../instance/event-headers.js';
import { type Agency, agencyOf, type Instance, membershipOf, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { directoryOf, type TestDirectory } from './exchange.js';

export const TYPE = 'property.parcel' as RecordType;
const OWNS = 'GE/GOV/7001' as MemberId;
export const CONSUMER = 'GE/GOV/7002/base-registry' as SubsystemId;
export const STRANGER = 'GE/GOV/7003/base-registry' as SubsystemId;
const PARCEL = JSON.parse(readFileSync('schemas/property/parcel/examples/valid/smallest.json', 'utf8')) as object;

/** A cadastre that hands over plans, and an agency that gets parcels: a whole instance, whose consumer fetches contents. */
export class Contents {
  readonly delivered: Delivery[] = [];
  readonly troubles: string[] = [];
  private consuming: Consuming | undefined;

  private constructor(
    readonly instance: Instance,
    private readonly delivery: ServiceProcess,
    private readonly directory: TestDirectory,
    private readonly secrets: ReadonlyMap<SubsystemId, string>,
  ) {}

  static async start(): Promise<Contents> {
    const place = mkdtempSync(join(tmpdir(), 'khidi-contents-flow-'));
    mkdirSync(join(place, 'delivery'), { mode: 0o700 });
    const permits = join(place, 'delivery', 'permits.jwks.json');
    writeFileSync(permits, '{"keys":[]}'); // delivery fills it
    const directory = await directoryOf([{ consumer: CONSUMER, fields: 'record' }], { type: TYPE, providers: [OWNS] });
    writeFileSync(join(place, 'anchor.json'), JSON.stringify(directory.anchor));
    const membersFile = join(place, 'members.json');
    const members = publishingParcels();
    writeFileSync(membersFile, JSON.stringify(members));
    const read = readMembership(members);
    if ('mistakes' in read) throw new Error(read.mistakes.join());
    const env = { KHIDI_MEMBERS: membersFile, NODE_ENV: 'production', KHIDI_LOG_LEVEL: 'warn' };
    const instance = await startInstance(env, [], (_, brokers) => makeTopics(brokers, read.membership), {
      envOf: (name, folder) =>
        name.startsWith('agency-adapter-') ? { KHIDI_CONTENT: join(folder, `contents-${name}`), KHIDI_PERMIT_KEYS: permits } : {},
    });
    const secrets = new Map([CONSUMER, STRANGER].map((consumer) => [consumer, newSecret()] as const));
    const hashes = Object.fromEntries([...secrets].map(([consumer, { hash }]) => [consumer, [hash]]));
    writeFileSync(join(place, 'consumers.json'), JSON.stringify(hashes));
    const addresses = { [OWNS]: agencyOf(instance, OWNS).adapter.url };
    writeFileSync(join(place, 'addresses.json'), JSON.stringify(addresses));
    const port = await getPort();
    const log = join(instance.folder, 'logs', 'delivery.log');
    const delivery = deliveryProcess(
      { folder: place, brokers: instance.brokers, port, log },
      {
        ...{ ...env, REDIS_URL: instance.redisUrl, KHIDI_KEYS: join(place, 'delivery') },
        ...{ KHIDI_PASSPHRASE_FILE: join(instance.folder, 'secrets', 'passphrase') },
        ...{ KHIDI_CONSUMERS: join(place, 'consumers.json'), KHIDI_CONTENT_ADDRESSES: join(place, 'addresses.json') },
      },
    );
    const revealed = new Map([...secrets].map(([consumer, { secret }]) => [consumer, secret] as const));
    const here = new Contents(instance, delivery, directory, revealed);
    try {
      await here.publish(directory.record);
      await registerSchema(instance, 'schemas/property/parcel/1.2.json', TYPE);
      delivery.start();
      await delivery.ready();
      await here.listen();
    } catch (error) {
      await here.stop();
      throw error;
    }
    return here;
  }

  get cadastre(): Agency {
    return agencyOf(this.instance, OWNS);
  }

  /** The files in which the cadastre's adapter keeps contents. */
  get folder(): string {
    return join(this.instance.folder, `contents-agency-adapter-${memberInTopic(OWNS)}`, 'files');
  }

  source(consumer: SubsystemId): ContentSource {
    const proof = Buffer.from(`${consumer}:${this.secrets.get(consumer) ?? ''}`).toString('base64');
    return { url: this.delivery.url, authorization: `Basic ${proof}` };
  }

  /** Puts bytes at the adapter of the cadastre, as they come. */
  async put(bytes: ReadableStream<Uint8Array>): Promise<ContentReference> {
    const headers = { authorization: this.cadastre.authorization, 'content-type': 'application/pdf' };
    const answer = await fetch(`${this.cadastre.adapter.url}/v1/contents`, {
      ...{ method: 'POST', headers, body: bytes },
      ...{ duplex: 'half' },
    });
    if (answer.status !== 201) throw new Error(`the adapter answered ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as ContentReference;
  }

  /** Sends a parcel whose record names a plan. */
  async send(id: string, content: ContentReference): Promise<number> {
    const { status } = await fetch(`${this.cadastre.adapter.url}/v1/events`, {
      method: 'POST',
      headers: httpHeaders(this.cadastre, { id, of: TYPE, subject: id }),
      body: JSON.stringify({ ...PARCEL, documents: [{ kind: 'plan', content }] }),
    });
    return status;
  }

  /** From now on the agreement of the consumer is revoked. */
  async revoke(): Promise<void> {
    const gone = await this.directory.next(2, (before) => ({ ...before, agreements: [] }));
    await this.publish(gone);
  }

  /** The resident memory of the adapter, in bytes. */
  memory(): number {
    const status = readFileSync(`/proc/${this.cadastre.adapter.pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  }

  async stop(): Promise<void> {
    await this.consuming?.stop();
    await this.delivery.stop();
    await this.instance.stop();
  }

  private async publish(record: TestDirectory['record']): Promise<void> {
    const publisher = this.instance.client.publisher();
    await publisher.publish([record]);
    await publisher.close();
  }

  private async listen(): Promise<void> {
    let keys: KeySet = readKeySet({ keys: [] });
    const refresh = async () => {
      keys = readKeySet(await (await fetch(`${this.instance.signing.url}/.well-known/jwks.json`)).json());
    };
    await refresh();
    this.consuming = await consume<RecordObject>({
      transport: this.instance.client.transport,
      consumer: CONSUMER,
      type: TYPE,
      keys: { current: () => keys, refresh },
      sink: memorySink<RecordObject>(),
      decode: (record) => record,
      now: () => new Date(),
      onApplied: (delivery) => void this.delivered.push(delivery),
      onRefused: (_, { code }) => void this.troubles.push(code),
    });
    this.consuming.done.catch((error: unknown) => this.troubles.push(String(error)));
  }
}

async function makeTopics(brokers: string, membership: Membership): Promise<void> {
  const client = kafkaClient({ brokers: brokers.split(','), clientId: 'test', log: createLogger('test', 'error') });
  await client.admin.ensureTopics(planTopics(readJsonFile('deploy/kafka/topics.json'), membership));
  await client.close();
}

function publishingParcels() {
  const { operator, members } = membershipOf();
  return {
    operator,
    members: members.map(({ id, name, subsystems, publishes }) => ({
      ...{ id, name, subsystems: subsystems.map((one) => one.split('/').at(-1)) },
      publishes: id === OWNS && !publishes.includes(TYPE) ? [...publishes, TYPE] : publishes,
    })),
  };
}

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Consuming, type ContentSource, consume, type Delivery, memorySink } from '#consumer';
import type { RecordObject } from '#envelope';
import { type ContentReference, type MemberId, memberInTopic, type RecordType, type SubsystemId } from '#record';
import { Credentials } from '../instance/credentials.js';
import { besideInstance, prepareDelivery } from '../instance/delivery.js';
import { httpHeaders } from '../instance/event-headers.js';
import { type Agency, agencyOf, type Instance, startInstance } from '../instance/instance.js';
import { membersWith } from '../instance/members.js';
import { publishedKeys } from '../instance/published-keys.js';
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
    private readonly callers: Credentials,
  ) {}

  static async start(): Promise<Contents> {
    const place = mkdtempSync(join(tmpdir(), 'khidi-contents-flow-'));
    mkdirSync(join(place, 'delivery'), { mode: 0o700 });
    const permits = join(place, 'delivery', 'permits.jwks.json');
    writeFileSync(permits, '{"keys":[]}'); // delivery fills it
    const directory = await directoryOf([{ consumer: CONSUMER, fields: 'record' }], { type: TYPE, providers: [OWNS] });
    const members = membersWith(place, [[OWNS, [TYPE]]]);
    const env = { KHIDI_MEMBERS: members.file, NODE_ENV: 'production', KHIDI_LOG_LEVEL: 'warn' };
    const instance = await startInstance(env, [], (_, brokers) => members.makeTopics(brokers), {
      envOf: (name, folder) =>
        name.startsWith('agency-adapter-') ? { KHIDI_CONTENT: join(folder, `contents-${name}`), KHIDI_PERMIT_KEYS: permits } : {},
    });
    const callers = new Credentials(CONSUMER, STRANGER);
    const addresses = { [OWNS]: agencyOf(instance, OWNS).adapter.url };
    writeFileSync(join(place, 'addresses.json'), JSON.stringify(addresses));
    const delivery = await prepareDelivery(
      { ...besideInstance(instance), folder: place },
      {
        directory,
        env: {
          ...{ ...env, REDIS_URL: instance.redisUrl, KHIDI_KEYS: join(place, 'delivery') },
          ...{ KHIDI_PASSPHRASE_FILE: join(instance.folder, 'secrets', 'passphrase') },
          ...{ KHIDI_CONSUMERS: callers.writeTo(join(place, 'consumers.json')) },
          ...{ KHIDI_CONTENT_ADDRESSES: join(place, 'addresses.json') },
        },
      },
    );
    const here = new Contents(instance, delivery, directory, callers);
    try {
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
    return { url: this.delivery.url, authorization: this.callers.of(consumer) };
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
    const publisher = this.instance.client.publisher();
    await publisher.publish([await this.directory.next(2, (before) => ({ ...before, agreements: [] }))]);
    await publisher.close();
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

  private async listen(): Promise<void> {
    this.consuming = await consume<RecordObject>({
      transport: this.instance.client.transport,
      consumer: CONSUMER,
      type: TYPE,
      keys: await publishedKeys(this.instance),
      sink: memorySink<RecordObject>(),
      decode: (record) => record,
      now: () => new Date(),
      onApplied: (delivery) => void this.delivered.push(delivery),
      onRefused: (_, { code }) => void this.troubles.push(code),
    });
    this.consuming.done.catch((error: unknown) => this.troubles.push(String(error)));
  }
}

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Consuming, consume, type Delivery, memorySink, requestDigest } from '#consumer';
import type { RecordObject } from '#envelope';
import { type MemberId, type RecordType, type SubsystemId } from '#record';
import { besideInstance, prepareDelivery, writeAnchor } from '../instance/delivery.js';
import { httpHeaders } from '../instance/event-headers.js';
import { type Agency, agencyOf, type Instance, startInstance } from '../instance/instance.js';
import { membersWith } from '../instance/members.js';
import { publishedKeys } from '../instance/published-keys.js';
import { registerSchema } from '../instance/register.js';
import type { ServiceProcess } from '../instance/service-process.js';
import { directoryOf, TYPE } from './exchange.js';

export const QUESTION = 'exchange.question' as RecordType;
export const CORRECTION = 'exchange.correction' as RecordType;
export const OWNER = 'GE/GOV/7001/base-registry' as SubsystemId;
export const ASKER = 'GE/GOV/7002/base-registry' as SubsystemId;
export const BYSTANDER = 'GE/GOV/7003/base-registry' as SubsystemId;
const [OWNS, ASKS] = ['GE/GOV/7001' as MemberId, 'GE/GOV/7002' as MemberId];
const PATIENCE_MS = 15_000;
/** How many answers a subsystem may wait for at once. */
export const AT_ONCE = 12;
/** An identifier that the owner does not answer for. */
export const SILENCE = 'GE-90000000099';
const QUOTA = { records: 1_000_000, per: 'hour' } as const;

/** A person as the owner of the registry knows it: synthetic. */
export const PERSON = readFileSync('schemas/population/person/examples/valid/from-ge.json');

/** What is sent by an agency's adapter. */
interface Outgoing {
  readonly type: string;
  readonly schema: RecordType;
  readonly body: Buffer;
  readonly target?: { readonly aud: string; readonly request: string };
}

/** How a question is asked over HTTP. */
interface HttpAsking {
  readonly path?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** Two agencies that ask, answer and correct, on an instance of its own with all its services. */
export class TwoWay {
  /** What each side read, in order. */
  readonly asked: Delivery[] = [];
  readonly answers: Delivery[] = [];
  readonly corrections: Delivery[] = [];
  readonly decisions: Delivery[] = [];
  readonly overheard: Delivery[] = [];
  readonly troubles: string[] = [];
  /** Questions that the owner has read and not answered. */
  readonly unanswered: Delivery[] = [];
  private readonly waiting = new Map<string, () => void>();
  private readonly consuming: Consuming[] = [];

  private constructor(
    readonly instance: Instance,
    private readonly delivery: ServiceProcess,
  ) {}

  static async start(): Promise<TwoWay> {
    const folder = resolve('.khidi', 'two-way');
    mkdirSync(folder, { recursive: true });
    const members = membersWith(folder, [
      [ASKS, [QUESTION, CORRECTION]],
      [OWNS, [CORRECTION]],
    ]);
    const directory = await directoryOf(
      [
        { consumer: OWNER, fields: 'record', type: QUESTION, provider: ASKS },
        { consumer: OWNER, fields: 'record', type: CORRECTION, provider: ASKS },
        { consumer: ASKER, fields: 'record', type: CORRECTION, provider: OWNS },
        { consumer: ASKER, fields: 'record', type: TYPE, provider: OWNS },
        { consumer: BYSTANDER, fields: 'record', type: TYPE, provider: OWNS },
      ],
      { type: TYPE, providers: [OWNS], seconds: 3600, quota: QUOTA },
    );
    const anchor = writeAnchor(folder, directory); // the adapters read it, too
    const env = { KHIDI_MEMBERS: members.file, NODE_ENV: 'production', KHIDI_LOG_LEVEL: 'warn' };
    const asking = { KHIDI_CONFIGURATION_ANCHOR: anchor, KHIDI_QUESTIONS_AT_ONCE: String(AT_ONCE) };
    const envOf = (service: string) => (service.startsWith('agency-adapter') ? asking : {});
    const instance = await startInstance(env, [], (_, brokers) => members.makeTopics(brokers), { envOf });
    const place = { ...besideInstance(instance), folder };
    const delivery = await prepareDelivery(place, { directory, env: { ...env, REDIS_URL: instance.redisUrl } });
    const here = new TwoWay(instance, delivery);
    try {
      await registerSchema(instance, 'schemas/population/person/1.0.json', TYPE);
      await registerSchema(instance, 'examples/two-way/exchange.question.json', QUESTION);
      await registerSchema(instance, 'examples/two-way/exchange.correction.json', CORRECTION);
      delivery.start();
      await delivery.ready();
      await here.listen();
    } catch (error) {
      await here.stop();
      throw error;
    }
    return here;
  }

  async stop(): Promise<void> {
    await Promise.all(this.consuming.map((one) => one.stop()));
    await this.delivery.stop();
    await this.instance.stop();
  }

  /** Asks about a person and settles once the answer to that very question is there, verified. Gives the milliseconds it took. */
  async ask(): Promise<number> {
    const question = { id: randomUUID(), about: TYPE, identifier: 'GE-90000000003', purpose: 'test' };
    const began = performance.now();
    const answered = new Promise<void>((resolve) => this.waiting.set(requestDigest(question), resolve));
    await this.send(ASKS, { type: `${QUESTION}.created`, schema: QUESTION, body: Buffer.from(JSON.stringify(question)) });
    const late = setTimeout(() => this.waiting.get(requestDigest(question))?.(), PATIENCE_MS);
    await answered;
    clearTimeout(late);
    if (!this.answers.some(({ request }) => request === requestDigest(question))) throw new Error('a question was not answered');
    return performance.now() - began;
  }

  /** Asks in one HTTP call at the asking agency's adapter; gives whatever it answers. */
  async askOverHttp(
    question: object = { identifier: 'GE-90000000003', purpose: 'test' },
    { path = `/v1/questions/${TYPE}`, accept = 'application/json', signal }: HttpAsking = {},
  ): Promise<Response> {
    const { adapter, authorization } = agencyOf(this.instance, ASKS);
    return fetch(`${adapter.url}${path}`, {
      method: 'POST',
      headers: { authorization, accept, 'content-type': 'application/json' },
      body: JSON.stringify(question),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Reads at the asking agency's adapter, like an answer that came late. */
  async read(path: string): Promise<Response> {
    const { adapter, authorization } = agencyOf(this.instance, ASKS);
    return fetch(`${adapter.url}${path}`, { headers: { authorization } });
  }

  /** SIGKILL for the asking agency's adapter, and a new start. */
  async killAdapter(): Promise<void> {
    const { adapter } = agencyOf(this.instance, ASKS);
    const before = adapter.killed;
    adapter.kill();
    while (adapter.killed === before) await pause(20);
    await adapter.ready();
  }

  /** The owner answers now what it left unanswered. */
  answerLate(): void {
    for (const delivery of this.unanswered.splice(0)) this.answer(delivery);
  }

  /** Proposes that something in an answer is wrong. */
  async propose({ jti }: Delivery): Promise<string> {
    const correlation = randomUUID();
    const body = { correlation, about: TYPE, exchange: jti, state: 'proposed', changes: [{ pointer: '/status', value: 'x' }] };
    await this.send(ASKS, { type: `${CORRECTION}.created`, schema: CORRECTION, body: Buffer.from(JSON.stringify(body)) });
    return correlation;
  }

  /** Sends one event by the adapter of a member; throws where it is not answered 202. */
  async send(member: MemberId, { type, schema, body, target }: Outgoing): Promise<string> {
    const agency: Agency = agencyOf(this.instance, member);
    const id = randomUUID();
    const answer = await fetch(`${agency.adapter.url}/v1/events`, {
      method: 'POST',
      headers: httpHeaders(agency, { id, of: schema, type, ...(target === undefined ? {} : { target }) }),
      body,
    });
    if (answer.status !== 202) throw new Error(`the adapter answered ${answer.status} ${await answer.text()}`);
    return id;
  }

  /** Whether the evidence log has a leaf of an exchange. */
  async isLogged({ iss, jti }: Delivery): Promise<boolean> {
    return (await fetch(`${this.instance.ledger.url}/v1/leaf?${new URLSearchParams({ iss, jti })}`)).status === 200;
  }

  private async listen(): Promise<void> {
    const keys = await publishedKeys(this.instance);
    const read = async (consumer: SubsystemId, type: RecordType, onApplied: (delivery: Delivery) => void) => {
      const one = await consume({
        ...{
          transport: this.instance.client.transport,
          consumer,
          type,
          sink: memorySink<RecordObject>(),
          decode: (record) => record,
        },
        keys,
        now: () => new Date(),
        onApplied: (delivery) => onApplied(delivery),
        onGap: (from, to) => this.troubles.push(`gap ${from}-${to}`),
        onRefused: (_, { code }) => this.troubles.push(code),
      });
      one.done.catch((error: unknown) => this.troubles.push(String(error)));
      this.consuming.push(one);
    };
    await read(OWNER, QUESTION, (delivery) => {
      this.asked.push(delivery);
      if ((delivery.record as { identifier?: string }).identifier === SILENCE) this.unanswered.push(delivery);
      else this.answer(delivery);
    });
    await read(OWNER, CORRECTION, (delivery) => {
      this.corrections.push(delivery);
      const { correlation, about, exchange } = delivery.record as { correlation: string; about: string; exchange: string };
      const body = Buffer.from(JSON.stringify({ correlation, about, exchange, state: 'accepted' }));
      this.reply({ type: `${CORRECTION}.updated`, schema: CORRECTION, body });
    });
    await read(ASKER, CORRECTION, (delivery) => void this.decisions.push(delivery));
    await read(BYSTANDER, TYPE, (delivery) => void this.overheard.push(delivery));
    await read(ASKER, TYPE, (delivery) => {
      this.answers.push(delivery);
      this.waiting.get(delivery.request ?? '')?.();
    });
  }

  private answer({ claims, record }: Delivery): void {
    const target = { aud: claims.origin.agency, request: requestDigest(record) };
    this.reply({ type: `${TYPE}.updated`, schema: TYPE, body: PERSON, target });
  }

  private reply(outgoing: Outgoing): void {
    this.send(OWNS, outgoing).catch((error: unknown) => this.troubles.push(String(error)));
  }
}

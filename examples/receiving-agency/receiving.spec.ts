import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Base64url } from '#canonical';
import { memorySink } from '#consumer';
import { decryptionKeys, encryptEnvelope, kidOf, publicJwkOf, seal } from '#envelope';
import { deliveryTopic, HEADER, type RecordType, type SubjectUrn, type SubsystemId, schemaUrn } from '#record';
import { memoryStream, PERSON_TERMS, SEALED_AT, sealInput, testIssuer } from '#testkit';
import { receiveFromKafka } from './from-kafka.js';
import { receiveByWebhook } from './from-webhook.js';
import { type Place, Register } from './register.js';

const CONSUMER = 'GE/GOV/7003/base-registry' as SubsystemId;
const TYPE = 'address.locality' as RecordType;
const TOPIC = deliveryTopic(CONSUMER, TYPE);
const SECRET = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;
const SUBJECT = `urn:khidi:address:${sha256Base64url(Buffer.from('a place'))}` as SubjectUrn;
const issuer = testIssuer();
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { kid: kidOf(publicJwkOf(own.publicKey)), publicKey: own.publicKey };
const keys = { current: () => issuer.keys, refresh: async () => undefined };

async function place(name: string, seq: number) {
  const input = sealInput(
    {
      seq,
      sub: SUBJECT,
      terms: { ...PERSON_TERMS, schema: { ...PERSON_TERMS.schema, subject: TYPE } },
      event: {
        id: `e${seq}`,
        source: '/GE/GOV/7001/base-registry',
        type: 'address.locality.updated',
        time: SEALED_AT.toISOString(),
        dataschema: schemaUrn(TYPE, 1),
      },
    },
    { id: 'GE.04/1', name, country: 'GE' },
  );
  const sealed = await seal(input, issuer.sealer, SEALED_AT);
  if (!sealed.ok) throw new Error(`${sealed.fault.code} ${sealed.fault.pointer}`);
  return { envelope: sealed.envelope, key: SUBJECT.slice(SUBJECT.lastIndexOf(':') + 1) };
}

it('keeps a register from its topic, with the latest change of each place', async () => {
  const stream = memoryStream({ topics: [{ name: TOPIC, role: 'delivery', partitions: 1, config: {} }], messageMaxBytes: 2e6 });
  const register = new Register();
  const told: string[] = [];
  for (const [i, name] of ['Tiflis', 'Tbilisi'].entries()) {
    const { envelope, key } = await place(name, i + 1);
    stream.append({ topic: TOPIC, partition: 0, key, value: envelope, headers: { [HEADER.number]: String(i * 2 + 1) } });
  }
  const sink = memorySink<Place>((delivery) => register.take(delivery));
  const receiving = await receiveFromKafka({
    transport: stream.transport,
    consumer: CONSUMER,
    keys,
    sink,
    now: () => SEALED_AT,
    tell: (line) => told.push(line),
  });
  while (register.find('Tbilisi').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await receiving.stop();
  expect([register.size, told]).toEqual([1, ['deliveries 2 to 2 never came: ask the operator']]);
});

describe('when it is called by its webhook', () => {
  let server: Server;
  let register: Register;
  let taken: number;
  let url: string;
  beforeEach(async () => {
    register = new Register();
    taken = 0;
    server = receiveByWebhook({
      consumer: CONSUMER,
      secret: SECRET,
      keys,
      now: () => SEALED_AT,
      decryption: decryptionKeys([own.privateKey]),
      take: (delivery) => {
        taken += 1;
        register.take(delivery);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function call(envelope: Buffer, change: Partial<Record<string, string>> = {}): Promise<number> {
    const id = change.id ?? `${CONSUMER}/${TYPE}/1`;
    const time = change.time ?? String(SEALED_AT.getTime() / 1000);
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${time}.${envelope}`).digest('base64');
    const headers = { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': change.signature ?? `v1,${signature}` };
    return (await fetch(url, { method: 'POST', headers, body: new Uint8Array(envelope) })).status;
  }

  it('takes each exchange once, however often it is called', async () => {
    const { envelope } = await place('Tbilisi', 1);
    expect([await call(envelope), await call(envelope)]).toEqual([204, 204]);
    expect([taken, register.find('Tbilisi')]).toEqual([1, [{ id: 'GE.04/1', name: 'Tbilisi', country: 'GE' }]]);
  });

  it.each<[string, Partial<Record<string, string>>, number]>([
    ['that somebody else signed', { signature: `v1,${Buffer.alloc(32).toString('base64')}` }, 401],
    ['that is old', { time: String(SEALED_AT.getTime() / 1000 - 301) }, 401],
    ['that was meant for another consumer', { id: `GE/GOV/7002/base-registry/${TYPE}/1` }, 401],
    ['that is of another type than its envelope', { id: `${CONSUMER}/population.person/1` }, 422],
  ])('refuses a call %s', async (_, change, status) => {
    expect(await call((await place('Tbilisi', 1)).envelope, change)).toBe(status);
    expect(taken).toBe(0);
  });

  it('opens what is encrypted to its key, and refuses what is not', async () => {
    const { envelope } = await place('Tbilisi', 1);
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = { kid: kidOf(publicJwkOf(stranger.publicKey)), publicKey: stranger.publicKey };
    expect([await call(encryptEnvelope(envelope, other)), taken]).toEqual([422, 0]);
    expect([await call(encryptEnvelope(envelope, key)), taken]).toEqual([204, 1]);
  });

  it('refuses an envelope that was changed, although the call is signed', async () => {
    const { envelope } = await place('Tbilisi', 1);
    const at = envelope.length - 40;
    envelope[at] = envelope[at] === 65 ? 66 : 65;
    expect([await call(envelope), taken]).toEqual([422, 0]);
  });
});

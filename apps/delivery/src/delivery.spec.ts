import { readDelivery } from '#consumer';
import { verifyDisclosed } from '#envelope';
import { deliveryTopic } from '#record';
import { deadLetterTopic } from '#stream';
import { PERSON, SEALED_AT } from '#testkit';
import { FakePolicy, ids, issuerKeys, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from './delivery.fixture.js';

jest.setTimeout(60_000);

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.stop());

const numbered = (count: number) => ids(count).map((id, i) => [id, i + 1]);

describe('when a consumer has an agreement on the whole record', () => {
  it('gets every record that the log covers, in order, numbered without a gap', async () => {
    await scene.seal(ids(5));
    scene.log(0, 4);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)])));
    await until(() => scene.delivered(PENSIONS).length === 5);
    expect(scene.delivered(PENSIONS)).toEqual(numbered(5));
    expect(scene.handed(PENSIONS).map(({ fate, agreement }) => [fate, agreement])).toEqual(
      ids(5).map(() => ['delivered', 'a-pensions/1']),
    );
  });

  it('says whose record it was, why it was given, and from when on a law lets the person know', async () => {
    const [position] = await scene.seal(ids(1), { subject: 'somebody' });
    scene.log(0, 0);
    const undisclosed = { until: '2099-06-01T00:00:00Z', basis: { text: 'An act (fictitious)' } };
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES, { undisclosed })])));
    await until(() => scene.handed(PENSIONS).length + scene.handed(TAXES).length === 2);
    const subject = `urn:khidi:population:${scene.onTopic(position?.topic ?? '')[0]?.key?.toString('utf8')}`;
    expect(scene.handed(PENSIONS)).toMatchObject([{ subject, purpose: 'pension' }]);
    expect(scene.handed(PENSIONS)[0]).not.toHaveProperty('shownFrom');
    expect(scene.handed(TAXES)).toMatchObject([{ subject, purpose: 'pension', shownFrom: '2099-06-01T00:00:00Z' }]);
  });

  it.each([true, false])('gets an answer only where it is the one who asked (with disclosures: %s)', async (disclosable) => {
    await scene.seal(['e1'], { aud: PENSIONS, disclosable });
    await scene.seal(['e2'], { aud: TAXES, disclosable });
    await scene.seal(['e3'], { disclosable });
    scene.log(0, 2);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES)])));
    await until(() => scene.handed(PENSIONS).length + scene.handed(TAXES).length === 4);
    expect([scene.delivered(PENSIONS), scene.delivered(TAXES)]).toEqual([
      [
        ['e1', 1],
        ['e3', 2],
      ],
      [
        ['e2', 1],
        ['e3', 2],
      ],
    ]);
    const [message] = scene.onTopic(deliveryTopic(PENSIONS, TYPE));
    const read = (topic: string) =>
      readDelivery(
        { topic, value: message?.value ?? null, headers: message?.headers ?? {} },
        { keys: issuerKeys, now: SEALED_AT, decode: (one) => one },
      );
    expect(read(message?.topic ?? '')).toMatchObject({ ok: true, delivery: { request: `sha-256:${'A'.repeat(43)}` } });
    expect(read(deliveryTopic(TAXES, TYPE))).toMatchObject({ ok: false, fault: { code: 'ENVELOPE_AUDIENCE' } });
  });

  it('gets nothing that the log does not cover yet, and nothing that it withholds', async () => {
    await scene.seal(ids(6));
    scene.log(0, 3, [1, 3]);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)])));
    await until(() => scene.delivered(PENSIONS).length === 2);
    expect(scene.delivered(PENSIONS)).toEqual([
      ['e1', 1],
      ['e3', 2],
    ]);
    scene.log(4, 5);
    await until(() => scene.delivered(PENSIONS).length === 4);
    expect(scene.delivered(PENSIONS).slice(2)).toEqual([
      ['e5', 3],
      ['e6', 4],
    ]);
  });

  it('counts one sequence of numbers over all partitions', async () => {
    await scene.seal(ids(3), { partition: 0 });
    await scene.seal(ids(3, 4), { partition: 2, subject: 'another' });
    scene.log(0, 2, [], 0);
    scene.log(0, 2, [], 2);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)])), { chunkRecords: 2 });
    await until(() => scene.delivered(PENSIONS).length === 6);
    expect(scene.delivered(PENSIONS).map(([, number]) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes on where it was after a restart, also when an answer of Kafka was lost', async () => {
    await scene.seal(ids(4));
    scene.log(0, 3);
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    scene.stream.fail('after', 'before', 'torn');
    await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.delivered(PENSIONS).length === 4);
    await scene.stop();
    await scene.seal(ids(2, 5));
    scene.log(4, 5);
    await scene.start(policy, { chunkRecords: 1 });
    await until(() => scene.delivered(PENSIONS).length === 6);
    expect(scene.delivered(PENSIONS)).toEqual(numbered(6));
  });

  it('gets nothing from an older delivery once another one has started', async () => {
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    const before = await scene.start(policy);
    await until(() => before.lanes.open()[0]?.load.state === 'complete');
    await scene.start(policy);
    await scene.seal(ids(1));
    scene.log(0, 0);
    await until(() => scene.crashes.length > 0, 'the older one to give up');
    expect(scene.crashes).toMatchObject([{ code: 'STREAM_FENCED' }]);
    expect(before.lanes.open()).toHaveLength(1);
    await until(() => scene.delivered(PENSIONS).length > 0);
    expect(scene.delivered(PENSIONS)).toEqual(numbered(1));
  });
});

describe('when a consumer may not have a record', () => {
  it.each<readonly [string, object, string]>([
    ['it is for fields only', { fields: ['/id'] }, 'DELIVERY_FIELDS_WIDER'],
    ['it asks for pseudonyms of its own', { pseudonym: 'consumer' }, 'DELIVERY_TERMS_UNMET'],
    ['it asks for a better proof of the origin', { origin: 'seal' }, 'POLICY_ORIGIN_WEAK'],
    ['it is over', { until: '2099-02-01T00:00:00Z' }, 'POLICY_EXPIRED'],
    ['it is with another provider', { provider: 'GE/GOV/7009' }, 'POLICY_PROVIDER_DIFFERS'],
  ])('refuses with its own fault where %s', async (_, more, code) => {
    await scene.seal(ids(2));
    scene.log(0, 1);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS, more), terms(TAXES)])));
    await until(() => scene.handed(PENSIONS).length === 2);
    expect(scene.handed(PENSIONS).map(({ fate, faults }) => [fate, faults?.[0]?.code])).toEqual([
      ['refused', code],
      ['refused', code],
    ]);
    expect(scene.delivered(PENSIONS)).toEqual([]);
    await until(() => scene.delivered(TAXES).length === 2);
  });

  it.each<readonly [string, object]>([['is not in force yet', { from: '2099-06-01T00:00:00Z' }]])(
    'keeps records waiting while the agreement %s, and gives them then',
    async (_, more) => {
      await scene.seal(ids(2));
      scene.log(0, 1);
      const policy = new FakePolicy(policyOf([terms(PENSIONS, more)]));
      const delivery = await scene.start(policy);
      await until(() => delivery.lanes.open()[0]?.waiting === 'POLICY_NOT_YET_EFFECTIVE');
      expect(scene.handed(PENSIONS)).toEqual([]);
      expect(delivery.lanes.behind()).toEqual([{ name: { consumer: PENSIONS, type: TYPE }, records: 2 }]);
      policy.set(policyOf([terms(PENSIONS)], { version: 'p2' }));
      await until(() => scene.delivered(PENSIONS).length === 2);
      await until(() => delivery.lanes.behind()[0]?.records === 0);
    },
  );
});

describe('when the policy changes while records are on their way', () => {
  it('gives nothing after a revocation', async () => {
    await scene.seal(ids(2));
    scene.log(0, 1);
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 2);
    policy.set(policyOf([terms(PENSIONS)], { revoked: ['a-pensions'], version: 'p2' }));
    await scene.seal(ids(2, 3));
    scene.log(2, 3);
    await until(() => scene.handed(PENSIONS).length === 4);
    expect(scene.delivered(PENSIONS)).toEqual(numbered(2));
    expect(scene.handed(PENSIONS)[3]?.faults).toEqual([{ code: 'POLICY_REVOKED' }]);
  });

  it('stops where there is no valid configuration, says so, and goes on with the next one', async () => {
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    const delivery = await scene.start(policy);
    await until(() => delivery.lanes.open().length === 1);
    policy.set('STREAM_UNAVAILABLE');
    await scene.seal(ids(1));
    scene.log(0, 0);
    await until(() => delivery.lanes.open()[0]?.waiting !== undefined);
    expect(delivery.checks.policy()).toBe(false);
    expect(scene.handed(PENSIONS)).toEqual([]);
    policy.set(policyOf([terms(PENSIONS)]));
    await until(() => scene.delivered(PENSIONS).length === 1);
    expect(delivery.checks.policy()).toBe(true);
  });

  it('opens a lane for a new consumer, which gets all that is kept', async () => {
    await scene.seal(ids(3));
    scene.log(0, 2);
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]));
    await scene.start(policy);
    await until(() => scene.delivered(PENSIONS).length === 3);
    policy.set(policyOf([terms(PENSIONS), terms(TAXES)], { version: 'p2' }));
    await until(() => scene.delivered(TAXES).length === 3);
    expect(scene.delivered(TAXES)).toEqual(numbered(3));
  });
});

describe('when what stands on a sealed topic is no envelope that holds', () => {
  it('keeps it whole as a dead letter for each consumer, and goes on', async () => {
    await scene.seal(ids(1));
    scene.stream.append({ topic: `sealed.${TYPE}`, key: 'k', value: Buffer.from('forged'), headers: { a: 'b' }, partition: 0 });
    await scene.seal(ids(1, 2));
    scene.log(0, 2);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)])));
    await until(() => scene.delivered(PENSIONS).length === 2);
    expect(scene.handed(PENSIONS).map(({ fate, faults }) => [fate, faults?.[0]?.code])).toEqual([
      ['delivered', undefined],
      ['dead', 'ENVELOPE_GRAMMAR'],
      ['delivered', undefined],
    ]);
    const [dead] = scene.stream.records(deadLetterTopic('delivery'));
    expect([String(dead?.value), String(dead?.headers.a), String(dead?.headers.khidi_consumer)]).toEqual([
      'forged',
      'b',
      PENSIONS,
    ]);
  });
});

describe('when one consumer is slower than another', () => {
  it('falls behind what is kept for all, reads by itself, and misses nothing', async () => {
    const large = { ...{ birth: '2099-02-28', id: '01001099001' }, text: 'x'.repeat(200_000) };
    const policy = new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES, { from: '2099-06-01T00:00:00Z' })]));
    await scene.start(policy);
    await scene.seal(ids(12), { record: large });
    scene.log(0, 11);
    await until(() => scene.delivered(PENSIONS).length === 12);
    policy.set(policyOf([terms(PENSIONS), terms(TAXES)], { version: 'p2' }));
    await until(() => scene.delivered(TAXES).length === 12);
    expect(scene.delivered(TAXES)).toEqual(numbered(12));
  });
});

describe('when a record type is sealed with disclosures', () => {
  const keys = { keys: issuerKeys, now: SEALED_AT };
  const envelopes = (consumer = PENSIONS) => scene.onTopic(deliveryTopic(consumer, TYPE));
  const shown = (envelope: Buffer | null) => {
    const verified = verifyDisclosed(envelope ?? Buffer.alloc(0), keys);
    return verified.ok ? verified.claims : undefined;
  };

  it('gives each consumer its own fields under the one signature, and not a character of any other', async () => {
    await scene.seal(ids(3), { disclosable: true });
    scene.log(0, 2);
    const agreements = [terms(PENSIONS, { fields: ['/id', '/birth'] }), terms(TAXES)];
    await scene.start(new FakePolicy(policyOf(agreements)));
    await until(() => envelopes(TAXES).length === 3 && envelopes().length === 3);
    for (const { value } of envelopes()) {
      const claims = shown(value);
      expect(claims?.record).toEqual({ birth: '2099-02-28', id: '01001099001' });
      expect([claims?.sub === undefined, claims?.salt, claims?.record_digest]).toEqual([false, undefined, undefined]);
      const text = String(value)
        .split('~')
        .slice(1)
        .map((part) => Buffer.from(part, 'base64url').toString('utf8'))
        .join();
      expect(text).not.toMatch(/ნინო|ბერიძე|family|given|weight|record_digest|salt/);
    }
    expect(scene.handed(PENSIONS)[0]?.fields).toEqual(['/id', '/birth']);
    expect(scene.handed(TAXES)[0]?.fields).toBeUndefined();
    const [whole] = envelopes(TAXES);
    expect(shown(whole?.value ?? null)?.record).toEqual(PERSON);
    const signature = (value: Buffer | null | undefined) => String(value).split('~')[0];
    expect(signature(envelopes()[0]?.value)).toBe(signature(whole?.value));
  });

  it.each([['/names/0/given'], ['/*'], ['/id', '/names/0']])(
    'refuses an agreement on parts of a field (%j)',
    async (...fields) => {
      await scene.seal(ids(1), { disclosable: true });
      scene.log(0, 0);
      await scene.start(new FakePolicy(policyOf([terms(PENSIONS, { fields })])));
      await until(() => scene.handed(PENSIONS).length === 1);
      expect(scene.handed(PENSIONS)[0]?.faults).toEqual([{ code: 'DELIVERY_FIELDS_WIDER', pointer: '/fields' }]);
      expect(envelopes()).toEqual([]);
    },
  );

  it('is read by the consumer library, which says that it is not the whole record', async () => {
    await scene.seal(ids(1), { disclosable: true });
    scene.log(0, 0);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS, { fields: ['/birth'] })])));
    await until(() => envelopes().length === 1);
    const [message] = envelopes();
    if (message === undefined) throw new Error('no delivery');
    const read = readDelivery(message, { ...keys, decode: (record) => record });
    expect(read).toMatchObject({
      ok: true,
      delivery: { number: 1, whole: false, record: { birth: '2099-02-28' }, op: 'updated' },
    });
    const relabelled = { ...message, headers: { ...message.headers, ce_id: Buffer.from('another') } };
    expect(readDelivery(relabelled, { ...keys, decode: (record) => record })).toMatchObject({
      fault: { code: 'ENVELOPE_HEADERS_DIFFER' },
    });
  });
});

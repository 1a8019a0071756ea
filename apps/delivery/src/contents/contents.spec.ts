import type { JsonValue } from '#canonical';
import { generateSealingKey, openContentPermit, present, publishedKey, readKeySet, softwareSigner } from '#envelope';
import type { Act } from '#evidence';
import { type ContentUrn, contentUrnOf, deliveryTopic, type MemberId, type SubsystemId } from '#record';
import { FakePolicy, issuerKeys, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from '../delivery.fixture.js';
import { ContentDesk } from './content-desk.js';

jest.setTimeout(60_000);

const OPERATOR = 'GE/GOV/0001' as MemberId;
const PROVIDER = 'GE/GOV/7001' as MemberId;
const PLAN = contentUrnOf(Buffer.alloc(32, 1));
const SCAN = contentUrnOf(Buffer.alloc(32, 2));
const contentOf = (dataref: ContentUrn) => ({ dataref, size: 5, mediaType: 'application/pdf' });
const RECORD: JsonValue = {
  id: '1',
  plan: contentOf(PLAN) as unknown as JsonValue,
  scans: [contentOf(SCAN) as unknown as JsonValue],
};
const FOR_PLANS = { fields: ['/id', '/plan'] };

const key = { ...generateSealingKey(new Date('2099-01-01T00:00:00Z')), purpose: 'permits' as const };
const permitKeys = readKeySet({ keys: [publishedKey(key, OPERATOR)] });

describe('when a consumer asks for a content', () => {
  let scene: Scene;
  let policy: FakePolicy;
  let acts: Act[];
  let addresses: Map<MemberId, string>;
  let desk: ContentDesk;
  beforeEach(() => {
    scene = new Scene();
    acts = [];
    addresses = new Map([[PROVIDER, 'https://adapter.example/']]);
    policy = new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES, FOR_PLANS)]));
    desk = new ContentDesk({
      policy,
      keys: { current: () => issuerKeys },
      operator: OPERATOR,
      signer: softwareSigner(key),
      addressOf: (member) => addresses.get(member),
      audit: { write: async (act) => void acts.push(act) },
      now: scene.clock.now,
    });
  });
  afterEach(() => scene.stop());

  /** What delivery handed to a consumer. */
  const handedTo = async (consumer: SubsystemId, options: Parameters<Scene['seal']>[1] = {}): Promise<Buffer> => {
    await scene.start(policy);
    await scene.seal(['e1'], { record: RECORD, disclosable: true, ...options });
    scene.log(0, 0);
    await until(() => scene.delivered(consumer).length === 1);
    return scene.onTopic(deliveryTopic(consumer, TYPE))[0]?.value ?? Buffer.alloc(0);
  };
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'permitted',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );
  const open = (permit: string, content = PLAN) =>
    openContentPermit(permit, { keys: permitKeys, now: scene.clock.now(), provider: PROVIDER, content });

  it('permits who was handed a record that names it, for two minutes, at the agency whose record it is', async () => {
    const envelope = await handedTo(PENSIONS);
    const { permit, url, expires } = await desk.permit(PENSIONS, envelope, SCAN);
    expect(url).toBe(`https://adapter.example/v1/contents/${SCAN}`);
    expect(new Date(expires).getTime() - scene.clock.now().getTime()).toBe(120_000);
    expect(open(permit, SCAN)).toMatchObject({
      ok: true,
      permit: { consumer: PENSIONS, agreement: 'a-pensions/1', provider: PROVIDER },
    });
    expect(open(permit, PLAN)).toEqual({ ok: false, pointer: '/content' });
  });

  it('leaves a line for a leaf, which says neither record nor content', async () => {
    await desk.permit(PENSIONS, await handedTo(PENSIONS), PLAN);
    expect(acts).toEqual([
      expect.objectContaining({ kind: 'export', by: PENSIONS, action: `content.permit ${TYPE}`, subject: 'a-pensions/1' }),
    ]);
    expect(JSON.stringify(acts)).not.toContain(PLAN.slice(-43));
  });

  it('gives no permit without that line', async () => {
    const envelope = await handedTo(PENSIONS);
    const away = new ContentDesk({
      ...{ policy, keys: { current: () => issuerKeys }, operator: OPERATOR, signer: softwareSigner(key) },
      ...{ addressOf: () => 'https://adapter.example', now: scene.clock.now },
      audit: { write: () => Promise.reject(Object.assign(new Error('away'), { code: 'STREAM_UNAVAILABLE' })) },
    });
    expect(await code(away.permit(PENSIONS, envelope, PLAN))).toBe('STREAM_UNAVAILABLE');
  });

  it('permits only what is named in the fields that the consumer may see', async () => {
    const envelope = await handedTo(TAXES);
    expect(await code(desk.permit(TAXES, envelope, PLAN))).toBe('permitted');
    expect(await code(desk.permit(TAXES, envelope, SCAN))).toBe('CONTENT_NOT_HELD');
  });

  it('does not permit by an envelope of somebody else what the own agreement does not give', async () => {
    const theirs = await handedTo(PENSIONS);
    expect(await code(desk.permit(TAXES, theirs, SCAN))).toBe('POLICY_FIELD_OUTSIDE');
    const stranger = 'GE/GOV/7004/stranger' as SubsystemId;
    expect(await code(desk.permit(stranger, theirs, PLAN))).toBe('POLICY_NO_AGREEMENT');
    expect(acts).toEqual([]);
  });

  it('permits nothing from the moment on at which the agreement is revoked or the configuration has expired', async () => {
    const envelope = await handedTo(PENSIONS);
    policy.set(policyOf([terms(PENSIONS)], { revoked: ['a-pensions'] }));
    expect(await code(desk.permit(PENSIONS, envelope, PLAN))).toBe('POLICY_REVOKED');
    policy.set('CONFIGURATION_EXPIRED');
    expect(await code(desk.permit(PENSIONS, envelope, PLAN))).toBe('CONFIGURATION_EXPIRED');
  });

  it('permits nothing by what is no envelope of ours, was changed, or hides the field', async () => {
    const envelope = await handedTo(PENSIONS);
    const changed = Buffer.from(envelope);
    changed[envelope.length >> 1] = (changed[envelope.length >> 1] ?? 0) === 65 ? 66 : 65;
    const hidden = present(envelope, (pointer) => pointer !== '/record/plan');
    for (const one of [Buffer.from('a.b.c'), Buffer.alloc(0), changed, hidden])
      expect(await code(desk.permit(PENSIONS, one, PLAN))).toBe('CONTENT_NOT_HELD');
  });

  it('permits an answer to the one who asked only', async () => {
    const envelope = await handedTo(PENSIONS, { aud: PENSIONS });
    expect(await code(desk.permit(PENSIONS, envelope, PLAN))).toBe('permitted');
    policy.set(policyOf([terms(PENSIONS), terms(TAXES)]));
    expect(await code(desk.permit(TAXES, envelope, PLAN))).toBe('CONTENT_NOT_HELD');
  });

  it('says so where nobody knows the adapter', async () => {
    const envelope = await handedTo(PENSIONS);
    addresses.clear();
    expect(await code(desk.permit(PENSIONS, envelope, PLAN))).toBe('CONTENT_NO_ADDRESS');
  });
});

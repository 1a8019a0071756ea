import type { JsonValue } from '#canonical';
import { contentUrnOf, type Jti, type MemberId, type RecordType, type SubsystemId } from '#record';
import { generateSealingKey, openContentPermit, publishedKey, readKeySet, signContentPermit, softwareSigner } from '../index.js';
import { signCompact } from '../keys/sign-compact.js';

const OPERATOR = 'GE/GOV/0001' as MemberId;
const PROVIDER = 'GE/GOV/7001' as MemberId;
const NOW = new Date('2099-03-01T10:00:00Z');
const CONTENT = contentUrnOf(Buffer.alloc(32, 1));
const made = new Date(NOW.getTime() - 60_000);
const key = { ...generateSealingKey(made), purpose: 'permits' as const };
const keys = readKeySet({ keys: [publishedKey(key, OPERATOR)] });
const ABOUT = {
  iss: OPERATOR,
  consumer: 'GE/GOV/7002/pensions' as SubsystemId,
  provider: PROVIDER,
  type: 'property.parcel' as RecordType,
  agreement: 'a1/1',
  content: CONTENT,
  envelope: { iss: OPERATOR, jti: Buffer.alloc(32, 3).toString('base64url') as Jti },
};
const open = (permit: string, more: Partial<Parameters<typeof openContentPermit>[1]> = {}) =>
  openContentPermit(permit, { keys, now: NOW, provider: PROVIDER, content: CONTENT, ...more });

describe('when a consumer is permitted to fetch a content', () => {
  it('says whom, what, where and for how long, and is another one each time', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => signContentPermit(ABOUT, softwareSigner(key), NOW)));
    expect(open(one?.permit ?? '')).toMatchObject({ ok: true, permit: ABOUT });
    expect(one?.expires).toEqual(new Date(NOW.getTime() + 120_000));
    const jti = (of?: { permit: string }) => {
      const opened = open(of?.permit ?? '');
      return opened.ok ? opened.permit.jti : '';
    };
    expect(jti(one)).not.toBe(jti(two));
  });

  it.each<[string, Partial<Parameters<typeof openContentPermit>[1]>, string]>([
    ['another content', { content: contentUrnOf(Buffer.alloc(32, 2)) }, '/content'],
    ['another agency', { provider: 'GE/GOV/7002' as MemberId }, '/provider'],
    ['a later time', { now: new Date(NOW.getTime() + 120_000) }, '/exp'],
    ['a time long before', { now: new Date(NOW.getTime() - 61_000) }, ''],
    ['nobody’s keys', { keys: readKeySet({ keys: [] }) }, ''],
    ['keys for sealing', { keys: readKeySet({ keys: [publishedKey({ ...key, purpose: 'sealing' }, OPERATOR)] }) }, ''],
    ['keys of somebody else', { keys: readKeySet({ keys: [publishedKey(key, PROVIDER)] }) }, ''],
  ])('does not hold for %s', async (_, more, pointer) => {
    const { permit } = await signContentPermit(ABOUT, softwareSigner(key), NOW);
    expect(open(permit, more)).toEqual({ ok: false, pointer });
  });

  it.each<[string, object, string]>([
    ['holds longer than any may', { exp: NOW.getTime() / 1000 + 121 }, '/exp'],
    ['says more', { admin: true }, '/*'],
    ['names no consumer', { consumer: 'GE/GOV/7002' }, '/consumer'],
    ['names a content by an address', { content: 'https://example.org/' }, '/content'],
    ['begins in the future', { iat: NOW.getTime() / 1000 + 61 }, '/iat'],
  ])('does not hold where it %s', async (_, more, pointer) => {
    const iat = NOW.getTime() / 1000;
    const claims = {
      ...ABOUT,
      iat,
      exp: iat + 120,
      jti: Buffer.alloc(16).toString('base64url'),
      ...more,
    } as unknown as JsonValue;
    const permit = await signCompact({ typ: 'khidi-content-permit+jwt', iat }, claims, softwareSigner(key));
    expect(open(permit)).toEqual({ ok: false, pointer });
  });

  it.each(['', 'x', 'a.b.c', 'ä.ö.ü'])('does not hold where it is none: %j', (text) => {
    expect(open(text)).toEqual({ ok: false, pointer: '' });
  });
});

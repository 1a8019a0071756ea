import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileCustody } from '#custody';
import { type KeyCustody, readKeySet, readSignedKeySet, salter } from '#envelope';
import type { MemberId } from '#record';
import { Secret } from '#settings';
import { createLogger } from '#telemetry';
import { memoryStream, SEALED_AT, TestClock, testIssuer } from '#testkit';
import { type KeyOffice, openKeyOffice } from './key-office.js';
import { storeProbe } from './probe-store.js';
import { proveKeys } from './prove-keys.js';
import { openSalt } from './salt.js';

const iss = 'GE/GOV/0001' as MemberId;
const passphrase = new Secret('a passphrase for tests');
const topic = (name: string) => ({ name, role: 'keys' as const, partitions: 1, config: {} });
const stream = memoryStream({ topics: [topic('keys'), topic('epochs'), topic('audit')], messageMaxBytes: 1_000_000 });
const log = createLogger('signing', 'error', { write: () => undefined });
let root: string;
let custody: KeyCustody;
let office: KeyOffice;
const clock = new TestClock();
const { now } = clock;
const open = (more: object = {}) =>
  openKeyOffice({
    ...{ client: stream, custody, iss, salt: salter(Buffer.alloc(32, 7)), topic: 'keys', now, log },
    ...{ pendingSeconds: 60, overlapSeconds: 3600, newEpoch: false, ...more },
  });
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'khidi-keys-'));
  custody = new FileCustody(join(root, 'keys'), passphrase);
  office = await open();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
const keysOf = (bytes: Buffer): Record<string, unknown>[] => JSON.parse(bytes.toString()).keys;

describe('when the service starts', () => {
  it('makes a key that seals and one that signs key sets, once, and has the same ones from then on', async () => {
    const again = await open();
    expect(office.register.all().map(({ purpose, state, store }) => [purpose, state, store])).toEqual([
      ['sealing', 'active', 'file'],
      ['key-set', 'active', 'file'],
    ]);
    expect(again.register.all()).toEqual(office.register.all());
    expect(again.ring.keySet()).toEqual(office.ring.keySet());
  });

  it('publishes public members only, under its own name', () => {
    for (const key of keysOf(office.ring.keySet())) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'iss', 'kid', 'kty', 'nbf', 'purpose', 'use', 'x', 'y']);
      expect([key.iss, key.nbf]).toEqual([iss, SEALED_AT.getTime() / 1000]);
    }
  });

  it('makes its salt key once, and tells its fingerprint, which is not the key', () => {
    const [one, two] = [openSalt(join(root, 'salt'), passphrase), openSalt(join(root, 'salt'), passphrase)];
    expect([one.made, two.made, two.fingerprint]).toEqual([join(root, 'salt', 'salt-key.json'), undefined, one.fingerprint]);
    expect(one.fingerprint).toMatch(/^[\w-]{43}$/);
  });

  it('does not start with a key that does not match the published one', async () => {
    const other = testIssuer();
    const { sealer, published } = testIssuer();
    const signer = { kid: sealer.signer.kid, sign: other.sealer.signer.sign };
    const proof = proveKeys({ ...sealer, signer }, Buffer.from(JSON.stringify({ keys: [published] })), SEALED_AT);
    await expect(proof).rejects.toMatchObject({ code: 'KEY_UNPROVEN', detail: 'the proof does not verify: ENVELOPE_SIGNATURE' });
  });

  it('does not start where the store has lost the key that seals', async () => {
    const empty = new FileCustody(join(root, 'empty'), passphrase);
    await expect(open({ custody: empty })).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
  });
});

describe('when a key takes over', () => {
  it('seals with it from the next chunk on, and its predecessor stays in the sets', async () => {
    const { register, ring } = office;
    const before = ring.sealer();
    const { kid } = await register.create('sealing', 'ES256', { by: 'nino', why: 'yearly' });
    expect(keysOf(ring.keySet()).map((key) => key.kid)).toContain(kid);
    clock.setAfter(61);
    await register.act(kid, { act: 'activate' }, { by: 'nino', why: 'yearly' });
    expect(ring.sealer().signer.kid).toBe(before.signer.kid);
    const active = await register.act(kid, { act: 'activate' }, { by: 'giorgi', why: 'yearly' });
    expect([active.state, ring.sealer().signer.kid, register.get(before.signer.kid).state]).toEqual(['active', kid, 'retired']);
    const current = readKeySet(JSON.parse(ring.keySet().toString()));
    expect([current.has(kid), current.has(before.signer.kid)]).toEqual([true, true]);
    const token = async (which: 'current' | 'historical') => Buffer.from(await ring.signedSet(which));
    expect([...readSignedKeySet(await token('historical'), current, now()).keys()]).toEqual([before.signer.kid]);
    expect([...readSignedKeySet(await token('current'), current, now()).keys()]).toEqual([...current.keys()]);
    expect((await open()).ring.sealer().signer.kid).toBe(kid);
  });

  it('is not activated where the store does not sign with it', async () => {
    const { register } = office;
    const { kid } = await register.create('key-set', 'ES256', { by: 'nino', why: 'yearly' });
    clock.setAfter(200);
    const broken = { ...custody, store: 'file' as const, sign: () => Buffer.alloc(64), signMany: undefined };
    const other = await open({ custody: Object.assign(Object.create(custody), broken) }).catch(
      (error: { code: string }) => error.code,
    );
    expect(other).toBe('KEY_UNPROVEN');
    await register.act(kid, { act: 'retire' }, { by: 'nino', why: 'not needed' });
    expect(register.get(kid).state).toBe('retired');
  });
});

describe('when something was done to a key', () => {
  it('stands in the audit topic: who, who confirmed, what, why, and the digests before and after', async () => {
    const lines = () => stream.records('audit').map(({ value }) => JSON.parse(String(value)) as Record<string, string>);
    const before = lines().length;
    const { register } = office;
    const { kid } = await register.create('key-set', 'ES256', { by: 'nino', why: 'yearly' });
    clock.pass(100);
    const old = register.active('key-set')?.kid;
    await register.act(kid, { act: 'activate' }, { by: 'nino', why: 'yearly' });
    await register.act(kid, { act: 'activate' }, { by: 'giorgi', why: 'yearly' });
    const told = lines().slice(before);
    expect(told.map(({ kind, action, by, confirmedBy, subject }) => [kind, action, by, confirmedBy, subject])).toEqual([
      ['key', 'create', 'nino', undefined, kid],
      ['key', 'propose-activate', 'nino', undefined, kid],
      ['key', 'activate', 'nino', 'giorgi', kid],
      ['key', 'retire', 'giorgi', undefined, old],
    ]);
    expect(told.map(({ why }) => why)).toEqual(Array(4).fill('yearly'));
    expect(told[0]?.before).toBeUndefined();
    expect(told[1]?.before).toBe(told[0]?.after);
    expect(told[2]?.before).toBe(told[1]?.after);
  });
});

describe('when no key is active', () => {
  it('starts, seals nothing, and goes on when an officer activates one', async () => {
    const { register, ring } = office;
    const { kid } = ring.sealer().signer;
    const revoke = { act: 'revoke', reason: 'compromised', since: now() } as const;
    await register.act(kid, revoke, { by: 'nino', why: 'stolen' });
    await register.act(kid, revoke, { by: 'giorgi', why: 'stolen' });
    expect(() => ring.sealer()).toThrow(expect.objectContaining({ code: 'KEY_NONE_ACTIVE' }));
    const again = await open();
    expect(() => again.ring.sealer()).toThrow(expect.objectContaining({ code: 'KEY_NONE_ACTIVE' }));
    const next = await register.create('sealing', 'ES256', { by: 'nino', why: 'after the theft' });
    await register.act(next.kid, { act: 'activate' }, { by: 'nino', why: 'after the theft' });
    await register.act(next.kid, { act: 'activate' }, { by: 'giorgi', why: 'after the theft' });
    expect(ring.sealer().signer.kid).toBe(next.kid);
    expect(keysOf(ring.keySet()).map((key) => key.kid)).not.toContain(kid);
  });

  it('is not ready, nor while the store does not sign', async () => {
    let time = 0;
    let dead = false;
    const sign = () => (dead ? Promise.reject(new Error('down')) : Promise.resolve(Buffer.alloc(64)));
    const remote = { store: 'transit', sign, ready: () => true } as unknown as KeyCustody;
    const { kid } = office.ring.sealer().signer;
    expect(
      await storeProbe(
        remote,
        () => undefined,
        () => time,
      )(),
    ).toBe(false);
    const probe = storeProbe(
      remote,
      () => kid,
      () => time,
    );
    expect(await probe()).toBe(true);
    dead = true;
    expect(await probe()).toBe(true); // asked a moment ago
    time = 5000;
    expect(await probe()).toBe(false);
  });
});

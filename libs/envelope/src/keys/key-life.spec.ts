import { createPublicKey } from 'node:crypto';
import type { MemberId } from '#record';
import { SEALED_AT, sealInput, testIssuer } from '#testkit';
import { seal } from '../seal/seal.js';
import { verify } from '../verify/verify.js';
import { signerOf } from './custody.js';
import { type Asked, act, firstKey, type KeyCommand, pendingKey } from './key-life.js';
import { type KeyRecord, readKeyRecord, writeKeyRecord } from './key-record.js';
import { readKeySet } from './key-set.js';
import { currentKeys, historicalKeys } from './key-sets.js';
import { generateSealingKey, softwareSigner } from './sealing-key.js';
import { mergeKeySets, readSignedKeySet, signKeySet } from './signed-key-set.js';

const ISS = 'GE/GOV/0001' as MemberId;
const DAY = 86_400;
const at = (seconds: number) => new Date(SEALED_AT.getTime() + seconds * 1000);
const by = (who: string, seconds = 0, why = 'rotation'): Asked => ({ by: who, at: at(seconds), why });
const rules = { pendingSeconds: DAY };
const pair = (seconds = -3600) => generateSealingKey(at(seconds));
const first = firstKey(pair(), ISS, 'file', by('signing', -3600));
const next = (seconds = 0) => pendingKey(pair(seconds), ISS, 'file', by('nino', seconds));
const code = (run: () => unknown) => {
  try {
    run();
    return 'ok';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

/** Both persons ask, one after the other. */
function byTwo(key: KeyRecord, all: readonly KeyRecord[], command: KeyCommand, seconds: number): readonly KeyRecord[] {
  const [proposed] = act(key, all, command, by('nino', seconds), rules);
  if (proposed === undefined) throw new Error('nothing was proposed');
  return act(proposed, all, command, by('giorgi', seconds + 1), rules);
}

describe('when a key takes over from another one', () => {
  it('takes two persons, and retires the one before in the same step', () => {
    const key = next();
    const [proposed] = act(key, [first, key], { act: 'activate' }, by('nino', DAY), rules);
    expect(proposed).toMatchObject({ state: 'pending', proposal: { act: 'activate', by: 'nino' } });
    if (proposed === undefined) throw new Error('nothing was proposed');
    expect(code(() => act(proposed, [first, proposed], { act: 'activate' }, by('nino', DAY + 1), rules))).toBe('KEY_FOUR_EYES');
    const after = act(proposed, [first, proposed], { act: 'activate' }, by('giorgi', DAY + 2), rules);
    expect(after.map(({ kid, state, acts }) => [kid, state, acts.at(-1)?.act, acts.at(-1)?.confirmedBy])).toEqual([
      [key.kid, 'active', 'activate', 'giorgi'],
      [first.kid, 'retired', 'retire', undefined],
    ]);
    expect(after[0]).not.toHaveProperty('proposal');
  });

  it('waits until every cache has seen it, unless no key signs', () => {
    const key = next();
    expect(code(() => act(key, [first, key], { act: 'activate' }, by('nino', DAY - 1), rules))).toBe('KEY_TOO_YOUNG');
    const revoked = byTwo(first, [first], { act: 'revoke', reason: 'compromised', since: at(0) }, 5);
    expect(byTwo(key, [...revoked, key], { act: 'activate' }, 10)[0]?.state).toBe('active');
  });

  it('leaves keys of other purposes and owners alone', () => {
    const key = next();
    const others = [
      { ...first, purpose: 'key-set' as const },
      { ...first, iss: 'GE/GOV/7001' as MemberId },
    ];
    expect(byTwo(key, [...others, key], { act: 'activate' }, DAY)).toHaveLength(1);
  });
});

describe('when a command does not fit the state of a key', () => {
  const retired: KeyRecord = { ...first, state: 'retired', retired: at(0).toISOString() };
  const revoked: KeyRecord = { ...first, state: 'revoked', revoked: { at: at(0).toISOString(), reason: 'compromised' } };
  const revoke: KeyCommand = { act: 'revoke', reason: 'superseded', since: at(0) };
  it.each<[string, KeyRecord, KeyCommand]>([
    ['an active key is activated', first, { act: 'activate' }],
    ['a retired key is activated', retired, { act: 'activate' }],
    ['a revoked key is activated', revoked, { act: 'activate' }],
    ['the key that signs is retired', first, { act: 'retire' }],
    ['a retired key is retired', retired, { act: 'retire' }],
    ['a revoked key is revoked', revoked, revoke],
    ['a key is revoked from a later moment', first, { ...revoke, since: at(2 * DAY) }],
    ['a key with a certificate gets another one', { ...first, certificate: 'AAAA' }, { act: 'certify', certificate: 'BBBB' }],
    ['a retired key gets a certificate', retired, { act: 'certify', certificate: 'BBBB' }],
  ])('refuses with KEY_STATE when %s', (_, key, command) => {
    expect(code(() => act(key, [key], command, by('nino', DAY), rules))).toBe('KEY_STATE');
  });

  it('lets an unused key be withdrawn by one person, and a retired key be revoked by two', () => {
    expect(act(next(), [], { act: 'retire' }, by('nino'), rules)[0]?.state).toBe('retired');
    expect(byTwo(retired, [retired], revoke, 5)[0]).toMatchObject({ state: 'revoked', revoked: { reason: 'superseded' } });
  });

  it('carries out what the first person proposed, not what the second one says beside the confirmation', () => {
    const [proposed] = act(first, [first], { act: 'revoke', reason: 'compromised', since: at(1) }, by('nino', 5), rules);
    if (proposed === undefined) throw new Error('nothing was proposed');
    const [key] = act(
      proposed,
      [proposed],
      { act: 'revoke', reason: 'superseded', since: at(3) },
      by('giorgi', 6, 'other'),
      rules,
    );
    expect(key?.revoked).toEqual({ at: at(1).toISOString(), reason: 'compromised' });
    expect(key?.acts.at(-1)).toMatchObject({ by: 'nino', confirmedBy: 'giorgi', why: 'rotation' });
  });
});

describe('when key sets are published', () => {
  const successor = next();
  const [active, retired] = byTwo(successor, [first, successor], { act: 'activate' }, DAY);
  if (active === undefined || retired === undefined) throw new Error('the rotation failed');
  const [lost] = byTwo(retired, [retired], { act: 'revoke', reason: 'compromised', since: at(DAY + 60) }, DAY + 120);
  if (lost === undefined) throw new Error('the revocation failed');
  const unused = act(next(DAY), [], { act: 'retire' }, by('nino', DAY), rules)[0] as KeyRecord;

  it('shows those that sign, will sign and signed a while ago as current', () => {
    const later = next(DAY);
    const kids = (seconds: number) => currentKeys([active, retired, later, unused], at(seconds), 3600).map(({ kid }) => kid);
    expect(kids(DAY + 10)).toEqual([retired.kid, active.kid, later.kid]);
    expect(kids(DAY + 4000)).toEqual([active.kid, later.kid]);
    expect(currentKeys([lost], at(DAY + 130), 3600)).toEqual([]);
  });

  it('keeps those that signed once for ever, with their times, as OpenID Federation has it', () => {
    expect(historicalKeys([active, retired, unused]).map(({ kid, iat, exp }) => [kid, iat, exp])).toEqual([
      [retired.kid, at(-3600).getTime() / 1000, at(DAY + 1).getTime() / 1000 + 60],
    ]);
    expect(historicalKeys([lost])[0]?.revoked).toEqual({ revoked_at: at(DAY + 60).getTime() / 1000, reason: 'compromised' });
  });

  it('signs a set that its reader verifies against a key that it trusts for that', async () => {
    const { sealer } = testIssuer();
    const key = pair();
    const anchor = { ...firstKey(key, ISS, 'file', by('signing')), purpose: 'key-set' as const };
    const token = Buffer.from(await signKeySet(historicalKeys([retired]), ISS, softwareSigner(key), at(0)));
    const anchors = readKeySet({ keys: currentKeys([anchor], at(0), 0) });
    expect([...readSignedKeySet(token, anchors, at(0)).keys()]).toEqual([retired.kid]);
    const wrong = (set: object[], bytes = token, now = at(0)) =>
      code(() => readSignedKeySet(bytes, readKeySet({ keys: set }), now));
    expect([
      wrong(currentKeys([{ ...anchor, purpose: 'sealing' }], at(0), 0)),
      wrong(currentKeys([{ ...anchor, iss: 'GE/GOV/0002' as MemberId }], at(0), 0)),
      wrong([]),
      wrong(currentKeys([anchor], at(0), 0), token.subarray(0, token.length - 1)),
      wrong(currentKeys([anchor], at(0), 0), token, at(-1000)),
    ]).toEqual(Array(5).fill('KEY_SET_INVALID'));
    expect(sealer.iss).toBe(ISS);
  });

  it('lets the worst word about a key count when sets are merged', () => {
    const [good, bad] = [readKeySet({ keys: currentKeys([active], at(0), 0) }), readKeySet({ keys: historicalKeys([lost]) })];
    const stale = readKeySet({ keys: currentKeys([first], at(0), 0) });
    const merged = mergeKeySets(bad, good, stale);
    expect([...merged.keys()].sort()).toEqual([active.kid, lost.kid].sort());
    expect(merged.get(lost.kid)?.revokedAt).toBe(at(DAY + 60).getTime() / 1000);
  });

  it('lets envelopes of a retired key hold for ever, and those of a revoked key by what a witness saw', async () => {
    const key = pair();
    const record = firstKey(key, ISS, 'file', by('signing', -3600));
    const { sealer } = testIssuer();
    const sealed = await seal(sealInput(), { ...sealer, signer: softwareSigner(key) }, at(0));
    const envelope = sealed.ok ? sealed.envelope : Buffer.alloc(0);
    const held = (one: KeyRecord, more: object = {}) =>
      verify(envelope, { keys: readKeySet({ keys: historicalKeys([one]) }), now: at(1e9), ...more }).ok;
    const [, over] = byTwo(next(), [record, next()], { act: 'activate' }, DAY);
    const [gone] = byTwo(record, [record], { act: 'revoke', reason: 'compromised', since: at(100) }, 200);
    if (over === undefined || gone === undefined) throw new Error('the life of the key failed');
    expect([held(over), held(gone), held(gone, { trustedTime: at(99) }), held(gone, { trustedTime: at(100) })]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('when a record of a key is read from its topic', () => {
  it('comes back as it was, and anything else is nothing', () => {
    expect(readKeyRecord(first.kid, writeKeyRecord(first))).toEqual(first);
    const other = (change: object) => readKeyRecord(first.kid, writeKeyRecord({ ...first, ...change }));
    const stranger = pair().jwk;
    expect([
      readKeyRecord('A'.repeat(43), writeKeyRecord(first)),
      readKeyRecord(first.kid, undefined),
      readKeyRecord(first.kid, Buffer.from('{}')),
      other({ jwk: stranger }),
      other({ state: 'good' }),
      other({ purpose: 'everything' }),
      other({ alg: 'Ed25519' }),
      other({ iss: 'nobody' }),
    ]).toEqual(Array(8).fill(undefined));
  });

  it('holds nothing private', () => {
    const jwk = createPublicKey({ key: { ...first.jwk }, format: 'jwk' }).export({ format: 'jwk' });
    expect(writeKeyRecord(first).toString()).not.toMatch(/"d":/);
    expect(jwk.d).toBeUndefined();
    expect(signerOf({ sign: () => Buffer.alloc(64) } as never, first.kid).kid).toBe(first.kid);
  });
});

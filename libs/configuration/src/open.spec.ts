import { generatePrivateKey, type KeySet, publicJwkOf, readKeySet, type Signer } from '#envelope';
import { agreementText, decide, type PolicyRequest, type SignedVersion } from '#policy';
import type { MemberId } from '#record';
import { SEALED_AT, testAgreed, testConfiguration, testDirectory, testIssuer, testMember, testTerms } from '#testkit';
import {
  keyProofText,
  MAX_CONFIGURATION_BYTES,
  misfit,
  type OpenConfiguration,
  openConfiguration,
  publicMemberKey,
  revocationText,
  signConfiguration,
  signStatement,
} from './index.js';

const directory = testDirectory();
const provider = testMember('GE/GOV/7001');
const consumer = testMember('GE/GOV/7002');
const stranger = testMember('GE/GOV/7003');
const terms = testTerms(provider, consumer);
const REQUEST: PolicyRequest = {
  consumer: terms.consumer,
  provider: terms.provider,
  type: terms.type,
  purpose: 'pension',
  origin: 'topic',
};
const later = (seconds: number) => new Date(SEALED_AT.getTime() + seconds * 1000);
const configurationOf = (...versions: SignedVersion[]) => testConfiguration([provider, consumer, stranger], versions);
const open = (jws: Uint8Array, now = SEALED_AT, known?: OpenConfiguration) =>
  openConfiguration(jws, directory.anchors, now, known);
const codeOf = (jws: Uint8Array, now = SEALED_AT, known?: OpenConfiguration) => {
  const opened = open(jws, now, known);
  return opened.ok ? 'ok' : opened.code;
};
async function opened(version: number, ...versions: SignedVersion[]): Promise<OpenConfiguration> {
  const one = open(await directory.issue(version, configurationOf(...versions)));
  if (!one.ok) throw new Error(`${one.code} ${one.detail}`);
  return one.value;
}
const outcomeOf = ({ policy }: OpenConfiguration, request = REQUEST) => {
  const decision = decide(policy, request, SEALED_AT.getTime());
  return decision.permitted ? decision.grants.map(({ agreement }) => agreement) : decision.faults.map(({ code }) => code);
};

describe('when a configuration holds', () => {
  it('gives its members and a policy that carries its version', async () => {
    const value = await opened(7, await testAgreed(terms, provider, consumer));
    expect([value.version, value.iss, value.notAfter]).toEqual([7, 'GE/GOV/0001', later(600)]);
    expect(value.members.get(stranger.participant.id)?.state).toBe('approved');
    expect(decide(value.policy, REQUEST, SEALED_AT.getTime())).toMatchObject({ permitted: true, policyVersion: '7' });
  });

  it('is renewed without being read again', async () => {
    const known = await opened(7);
    const again = open(await directory.issue(7, configurationOf(), later(60)), later(60), known);
    expect(again).toMatchObject({ ok: true, value: { notAfter: later(660) } });
    expect(again.ok && again.value.policy).toBe(known.policy);
  });
});

describe('when a configuration does not hold', () => {
  it('is refused from the second on at which it expires', async () => {
    const jws = await directory.issue(1, configurationOf());
    expect([codeOf(jws, later(599.9)), codeOf(jws, later(600))]).toEqual(['ok', 'CONFIGURATION_EXPIRED']);
  });

  it('is refused when it is from the future, from before, or another one under the same number', async () => {
    const known = await opened(7, await testAgreed(terms, provider, consumer));
    const issue = async (version: number, at = SEALED_AT) => directory.issue(version, configurationOf(), at);
    expect(codeOf(await issue(8, later(120)))).toBe('CONFIGURATION_UNTRUSTED');
    expect(codeOf(await issue(6), SEALED_AT, known)).toBe('CONFIGURATION_ROLLED_BACK');
    expect(codeOf(await issue(7), SEALED_AT, known)).toBe('CONFIGURATION_ROLLED_BACK');
    const same = configurationOf(...known.configuration.agreements.flatMap(({ versions }) => versions));
    expect(codeOf(await directory.issue(7, same, later(-60)), SEALED_AT, known)).toBe('CONFIGURATION_ROLLED_BACK');
    expect(codeOf(await issue(8), SEALED_AT, known)).toBe('ok');
  });

  it('is refused with any single character changed, and when another key signed it', async () => {
    const jws = await directory.issue(1, configurationOf());
    for (let at = 0; at < jws.length; at += 97) {
      const changed = Buffer.from(jws);
      changed[at] = changed[at] === 0x41 ? 0x42 : 0x41;
      expect(codeOf(changed)).not.toBe('ok');
    }
    expect(codeOf(await testDirectory().issue(1, configurationOf()))).toBe('CONFIGURATION_UNTRUSTED');
  });

  it('is refused when the key was made for something else', async () => {
    const { keys, sealer } = testIssuer();
    const issue = { iss: sealer.iss, version: 1, configuration: configurationOf() };
    const jws = Buffer.from(await signConfiguration(issue, sealer.signer, SEALED_AT, 600));
    expect(openConfiguration(jws, keys, SEALED_AT)).toMatchObject({ code: 'CONFIGURATION_UNTRUSTED' });
  });

  it('is refused for a member that nobody knows, a key of another member, and a validity of more than a day', async () => {
    const strange = { ...configurationOf(), embargo: [] };
    expect(open(await directory.issue(1, strange))).toMatchObject({
      code: 'CONFIGURATION_MALFORMED',
      detail: '/configuration/*',
    });
    const mixed = { ...provider, participant: { ...provider.participant, keys: consumer.participant.keys } };
    expect(codeOf(await directory.issue(1, testConfiguration([mixed])))).toBe('CONFIGURATION_MALFORMED');
    const issue = { iss: 'GE/GOV/0001' as MemberId, version: 1, configuration: configurationOf() };
    const forEver = await signConfiguration(issue, directory.signer, SEALED_AT, 86_401);
    expect(codeOf(Buffer.from(forEver))).toBe('CONFIGURATION_MALFORMED');
  });

  it('is not made where it would not fit into a message', async () => {
    const long = { ...provider.participant, name: 'n'.repeat(MAX_CONFIGURATION_BYTES) };
    const configuration = testConfiguration([{ ...provider, participant: long }]);
    await expect(directory.issue(1, configuration)).rejects.toMatchObject({ code: 'CONFIGURATION_TOO_LARGE' });
  });
});

describe('when an acceptance does not hold', () => {
  const agreed = () => testAgreed(terms, provider, consumer);

  it('counts only where both sides signed this text', async () => {
    expect(outcomeOf(await opened(1, await agreed()))).toEqual(['a1']);
    const forged = await testAgreed(terms, provider, stranger);
    expect(outcomeOf(await opened(1, forged))).toEqual(['POLICY_NOT_ACCEPTED']);
    const swapped = { provider: (await agreed()).acceptances.consumer!, consumer: (await agreed()).acceptances.provider! };
    expect(outcomeOf(await opened(1, { terms, acceptances: swapped }))).toEqual(['POLICY_NOT_ACCEPTED']);
  });

  it('is not carried over to wider terms, another version or another agreement', async () => {
    const { acceptances } = await agreed();
    for (const change of [{ fields: 'record' as const }, { version: 2 }, { id: 'a2' }, { until: '2101-01-01T00:00:00Z' }]) {
      const replayed = { terms: { ...terms, ...change }, acceptances };
      expect(outcomeOf(await opened(1, replayed))).toEqual(['POLICY_NOT_ACCEPTED']);
    }
  });

  it('does not count for a key that was revoked before, and counts for one revoked later', async () => {
    const at = SEALED_AT.getTime() / 1000;
    const revoked = async (since: number) => {
      const keys = provider.participant.keys.map((key) => ({ ...key, revoked: { revoked_at: since } }));
      const members = [{ ...provider, participant: { ...provider.participant, keys } }, consumer];
      const value = open(await directory.issue(1, testConfiguration(members, [await agreed()])));
      return value.ok ? outcomeOf(value.value) : value.detail;
    };
    expect([await revoked(at - 3601), await revoked(at - 1)]).toEqual([['POLICY_NOT_ACCEPTED'], ['a1']]);
  });

  it('does not count for a key that receipts or deliveries are for', async () => {
    for (const purpose of ['receipts', 'encryption'] as const) {
      const other = testMember('GE/GOV/7001', 'approved', purpose);
      const signed = await testAgreed(terms, other, consumer);
      const value = open(await directory.issue(1, testConfiguration([other, consumer], [signed])));
      expect(value.ok ? outcomeOf(value.value) : value.detail).toEqual(['POLICY_NOT_ACCEPTED']);
    }
  });
});

describe('when a member does not take part', () => {
  it.each(['invited', 'joined', 'suspended'] as const)('permits nothing to or from one that is %s', async (state) => {
    for (const who of [provider, consumer]) {
      const members = [provider, consumer].map((one) =>
        one === who ? { ...one, participant: { ...one.participant, state } } : one,
      );
      const value = open(await directory.issue(1, testConfiguration(members, [await testAgreed(terms, provider, consumer)])));
      expect(value.ok ? outcomeOf(value.value) : value.detail).toEqual(['POLICY_MEMBER_NOT_APPROVED']);
    }
  });

  it('permits nothing to a delegate that is suspended', async () => {
    const asked = { ...terms, delegate: stranger.participant.id };
    const suspended = { ...stranger, participant: { ...stranger.participant, state: 'suspended' as const } };
    const versions = [await testAgreed(asked, provider, consumer)];
    const value = open(await directory.issue(1, testConfiguration([provider, consumer, suspended], versions)));
    const request = { ...REQUEST, actor: stranger.participant.id };
    expect(value.ok ? outcomeOf(value.value, request) : value.detail).toEqual(['POLICY_MEMBER_NOT_APPROVED']);
  });
});

describe('when a member signs a statement', () => {
  const keys: KeySet = readKeySet({ keys: provider.participant.keys });
  const text = revocationText('a1', 'no longer needed');
  const sign = (signer: Signer = provider.signer, at = SEALED_AT) => signStatement('revocation', text, signer, at);

  it('holds over this text, of this kind, by this member, for a day', async () => {
    const jws = await sign();
    expect(misfit('revocation', text, jws, keys, SEALED_AT)).toBeUndefined();
    expect(misfit('revocation', revocationText('a2', 'no longer needed'), jws, keys, SEALED_AT)).toBe('ENVELOPE_SIGNATURE');
    expect(misfit('agreement', text, jws, keys, SEALED_AT)).toBe('ENVELOPE_TYP');
    expect(misfit('revocation', text, await sign(stranger.signer), keys, SEALED_AT)).toBe('ENVELOPE_KEY_UNKNOWN');
    expect(misfit('revocation', text, jws, keys, later(24 * 3600 + 1))).toBe('iat');
    expect(misfit('revocation', text, await sign(provider.signer, later(61)), keys, SEALED_AT)).toBe('iat');
    expect(misfit('revocation', text, jws.replace('..', '.e30.'), keys, SEALED_AT)).toBe('form');
  });

  it('proves a key for one directory, member, purpose and challenge', () => {
    const member = provider.participant.id;
    const [key] = provider.participant.keys;
    if (key === undefined) throw new Error('no key');
    const proof = (challenge: string, of = member) => keyProofText('GE/GOV/0001' as MemberId, of, key, challenge).toString();
    expect(new Set([proof('x'), proof('y'), proof('x', stranger.participant.id)]).size).toBe(3);
  });

  it('has keys of P-256 only, and says what each may be used for', () => {
    const of = (alg: 'ES256' | 'Ed25519', purpose: 'agreement' | 'encryption') =>
      publicMemberKey(publicJwkOf(generatePrivateKey(alg)), provider.participant.id, purpose, SEALED_AT);
    expect(() => of('Ed25519', 'agreement')).toThrow(expect.objectContaining({ code: 'KEY_UNPROVEN' }));
    expect([of('ES256', 'agreement').use, of('ES256', 'encryption').use]).toEqual(['sig', 'enc']);
    expect(agreementText(terms).toString()).toContain('khidi-agreement-1');
  });
});

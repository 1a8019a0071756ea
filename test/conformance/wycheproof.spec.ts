import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompactProfile, type KeySet, readJwk, type VerificationKey, verifyCompact, verifyEs256 } from '#envelope';
import { sharedFolder } from '../shared-folder.js';

const folder = sharedFolder('vectors', 'wycheproof');
const inFolder = folder === undefined ? describe.skip : describe;

type Jwk = Readonly<Record<string, unknown>>;
interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}
interface JwsCase extends Case {
  readonly jws?: unknown;
  readonly jwe?: unknown;
}
interface JwsGroup {
  readonly comment: string;
  readonly public?: Jwk;
  readonly private?: Jwk;
  readonly tests: readonly JwsCase[];
}
interface EcdsaGroup {
  readonly publicKeyPem: string;
  readonly tests: readonly (Case & { readonly msg: string; readonly sig: string })[];
}

/** The rules of our verifier without what only our own envelopes have: `typ`, `iat`, thumbprints as key ids, an issuer. */
const PROFILE: CompactProfile = { required: ['alg', 'kid'], optional: {}, kid: /^[\x21-\x7e]{1,64}$/, issuer: false };

function read<G>(file: string): { numberOfTests: number; testGroups: readonly G[] } {
  return JSON.parse(readFileSync(join(folder ?? '', file), 'utf8'));
}

/** The keys of a group as our reader takes them; a set that it refuses (symmetric or private members) has none. */
function keysOf(group: JwsGroup): { keys: KeySet; refused: boolean } {
  const given = group.public ?? group.private ?? {};
  const jwks = (Array.isArray(given.keys) ? given.keys : [given]) as readonly Jwk[];
  try {
    const read = jwks.map((jwk) => readJwk(jwk, '', String(jwk.kid))).filter((key): key is VerificationKey => key !== undefined);
    return { keys: new Map(read.map((key) => [key.kid, key])), refused: false };
  } catch {
    return { keys: new Map(), refused: true };
  }
}

function outcome(test: JwsCase, keys: KeySet): string {
  const given = test.jws ?? test.jwe;
  const bytes = Buffer.from(typeof given === 'string' ? given : JSON.stringify(given));
  const result = verifyCompact(bytes, PROFILE, keys, new Date());
  return result.ok ? 'accepted' : result.code;
}

/** Why we refuse what Wycheproof calls valid, by name; undefined where there is no such reason. */
function explanation(test: JwsCase, code: string): string | undefined {
  if (test.jwe !== undefined) return code === 'ENVELOPE_GRAMMAR' ? 'a JWE, which is not a signature' : undefined;
  const [head = ''] = String(test.jws).split('.');
  const alg = /"alg"\s*:\s*"([^"]*)"/.exec(Buffer.from(head, 'base64url').toString('latin1'))?.[1];
  if (code === 'ENVELOPE_ALG' && alg !== undefined && alg !== 'ES256') return `${alg}: the profile knows ES256 only`;
  return code === 'ENVELOPE_GRAMMAR' && /[^A-Za-z0-9_.-]/.test(String(test.jws)) ? 'characters outside base64url' : undefined;
}

function count(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, n]) => `${name} ${n}`).join(', ');
}

inFolder('when the JOSE vectors of Wycheproof are verified', () => {
  it.each([
    ['json_web_signature_test.json', 2],
    ['json_web_key_test.json', 0],
    ['json_web_crypto_test.json', 1],
  ])('%s: every case comes out as expected or is explained by name', (file, accepted) => {
    const { numberOfTests, testGroups } = read<JwsGroup>(file);
    const outcomes = testGroups.flatMap((group) => {
      const { keys } = keysOf(group);
      return group.tests.map((test) => ({ test, code: outcome(test, keys) }));
    });
    const valid = outcomes.filter(({ test }) => test.result !== 'invalid');
    const invalid = outcomes.filter(({ test }) => test.result === 'invalid');
    const explained = valid
      .filter(({ code }) => code !== 'accepted')
      .map(({ test, code }) => ({ test: `${test.tcId} ${test.comment}`, why: explanation(test, code) }));

    expect(outcomes).toHaveLength(numberOfTests);
    expect(invalid.filter(({ code }) => code === 'accepted')).toEqual([]);
    expect(explained.filter(({ why }) => why === undefined)).toEqual([]);
    expect(valid.filter(({ code }) => code === 'accepted')).toHaveLength(accepted);
    process.stdout.write(
      `wycheproof ${file}: ${numberOfTests} cases; ${accepted} valid accepted, ${invalid.length} invalid refused ` +
        `(${count(invalid.map(({ code }) => code))}); ${explained.length} valid elsewhere refused ` +
        `(${count(explained.map(({ why }) => String(why)))})\n`,
    );
  });

  it('names the key where the key is what is wrong', () => {
    const wrongKeys = ['wrong_algorithm', 'invalid_algorithm', 'invalid_use', 'invalid_point', 'wrong_curve', 'wrong_kty'];
    const groups = read<JwsGroup>('json_web_key_test.json').testGroups.filter(({ comment }) => wrongKeys.includes(comment));
    const codes = groups.flatMap((group) => group.tests.map((test) => outcome(test, keysOf(group).keys)));
    expect(codes).toEqual(wrongKeys.map(() => 'ENVELOPE_KEY_ALGORITHM'));
  });

  it('refuses to read every set that holds a symmetric key', () => {
    const groups = read<JwsGroup>('json_web_key_test.json').testGroups.filter((group) => group.public === undefined);
    expect(groups.map((group) => keysOf(group).refused)).toEqual(groups.map(() => true));
  });
});

inFolder('when the P-256 signatures of Wycheproof are verified', () => {
  it('every case comes out as expected', () => {
    const { numberOfTests, testGroups } = read<EcdsaGroup>('ecdsa_secp256r1_sha256_p1363_test.json');
    const outcomes = testGroups.flatMap(({ publicKeyPem, tests }) => {
      const key = createPublicKey(publicKeyPem);
      return tests.map((test) => ({
        test,
        accepted: verifyEs256(key, Buffer.from(test.msg, 'hex'), Buffer.from(test.sig, 'hex')),
      }));
    });
    expect(outcomes).toHaveLength(numberOfTests);
    expect(outcomes.filter(({ test, accepted }) => accepted !== (test.result === 'valid'))).toEqual([]);
    process.stdout.write(
      `wycheproof ecdsa_secp256r1_sha256_p1363_test.json: ${numberOfTests} cases; ` +
        `${outcomes.filter(({ accepted }) => accepted).length} valid accepted, ` +
        `${outcomes.filter(({ accepted }) => !accepted).length} invalid refused, none differs\n`,
    );
  });
});

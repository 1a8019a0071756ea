import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileCustody } from '#custody';
import { readKeySet } from '#envelope';
import type { MemberId } from '#record';
import { Secret } from '#settings';
import { SEALED_AT, testIssuer } from '#testkit';
import { openKeys, type SigningKeys } from './open-keys.js';
import { proveKeys } from './prove-keys.js';

const iss = 'GE/GOV/0001' as MemberId;
const passphrase = new Secret('a passphrase for tests');
let root: string;
let first: SigningKeys;
let second: SigningKeys;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'khidi-keys-'));
  const open = (at: Date) => openKeys(new FileCustody(join(root, 'keys'), passphrase), join(root, 'keys'), passphrase, iss, at);
  [first, second] = [await open(SEALED_AT), await open(new Date(SEALED_AT.getTime() + 1000))]; // once: deriving a key is slow on purpose
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('when the service starts', () => {
  it('makes its keys once, and has the same ones from then on', () => {
    expect(first.made).toEqual([`the sealing key ${first.sealer.signer.kid}`, join(root, 'keys', 'salt-key.json')]);
    expect(second).toMatchObject({ made: [], keySet: first.keySet, created: first.created, epochs: first.epochs });
  });

  it('publishes public members only, under its own name, and fingerprints that are not the keys', () => {
    const { keySet, epochs } = first;
    const [key] = JSON.parse(keySet.toString()).keys;
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'iss', 'kid', 'kty', 'nbf', 'purpose', 'use', 'x', 'y']);
    expect([key.iss, key.nbf]).toEqual([iss, SEALED_AT.getTime() / 1000]);
    expect(epochs).toEqual([
      ['sealing-key', key.kid],
      ['sealing-salt', expect.stringMatching(/^[\w-]{43}$/)],
    ]);
  });

  it('proves its keys with the set that it publishes', async () => {
    const { sealer, keySet } = second;
    expect([...(await proveKeys(sealer, keySet, SEALED_AT)).keys()]).toEqual([sealer.signer.kid]);
  });

  it('does not start with a key that does not match the published one', async () => {
    const other = testIssuer();
    const { sealer, published } = testIssuer();
    const signer = { kid: sealer.signer.kid, sign: other.sealer.signer.sign };
    const proof = proveKeys({ ...sealer, signer }, Buffer.from(JSON.stringify({ keys: [published] })), SEALED_AT);
    await expect(proof).rejects.toMatchObject({ code: 'KEY_UNPROVEN', detail: 'the proof does not verify: ENVELOPE_SIGNATURE' });
    expect(readKeySet({ keys: [published] }).size).toBe(1);
  });
});

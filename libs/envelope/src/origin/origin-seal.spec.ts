import { canonicalize, type JsonValue } from '#canonical';
import type { MemberId } from '#record';
import { PERSON, SEALED_AT, sealInput, testIssuer } from '#testkit';
import { firstKey } from '../keys/key-life.js';
import { readKeySet } from '../keys/key-set.js';
import { currentKeys } from '../keys/key-sets.js';
import { generateSealingKey, softwareSigner } from '../keys/sealing-key.js';
import { seal } from '../seal/seal.js';
import { verify } from '../verify/verify.js';
import { sealOrigin } from './origin-seal.js';

const member = 'GE/GOV/7001' as MemberId;
const issuer = testIssuer();
const key = generateSealingKey(new Date(SEALED_AT.getTime() - 1000));
const record = firstKey({ ...key, purpose: 'origin' }, member, 'member', { by: 'nino', at: SEALED_AT, why: 'test' });
const keys = readKeySet({ keys: [issuer.published, ...currentKeys([record], SEALED_AT, 0)] });
const input = sealInput();
const own = (content: JsonValue = PERSON) =>
  sealOrigin(input.event, canonicalize(content), { iss: member, signer: softwareSigner(key) }, SEALED_AT);

async function envelope(origin: object): Promise<Buffer> {
  const sealed = await seal(sealInput({ origin: { ...input.origin, ...origin } }), issuer.sealer, SEALED_AT);
  if (!sealed.ok) throw new Error(`${sealed.fault.code} ${sealed.fault.pointer}`);
  return sealed.envelope;
}
const code = (bytes: Buffer, more: object = {}) => {
  const result = verify(bytes, { keys, now: SEALED_AT, ...more });
  return result.ok ? 'ok' : result.fault.code;
};

describe('when an envelope carries the statement of the agency itself', () => {
  it('holds for a consumer that requires it, and both statements can be told apart', async () => {
    const bytes = await envelope({ auth: 'seal', seal: await own() });
    const result = verify(bytes, { keys, now: SEALED_AT, requireSeal: true });
    expect(result).toMatchObject({
      ok: true,
      claims: { iss: 'GE/GOV/0001', origin: { auth: 'seal', agency: 'GE/GOV/7001/base-registry' } },
    });
    expect(result.steps.find(({ name }) => name === 'origin seal')?.result).toBe('held');
  });

  it('gives ENVELOPE_ORIGIN_SEAL where one is required and there is none, or it is about something else, or its key is unknown', async () => {
    const about = async (content?: { id: string }) => envelope({ auth: 'seal', seal: await own(content ?? PERSON) });
    const codes = [
      code(await envelope({}), { requireSeal: true }),
      code(await about({ id: 'another' }), { requireSeal: true }),
      code(await about(), { requireSeal: true, keys: issuer.keys }),
      code(await about({ id: 'another' })), // not asked
    ];
    expect(codes).toEqual([...Array(3).fill('ENVELOPE_ORIGIN_SEAL'), 'ok']);
  });

  it('can neither claim a seal that it does not carry, nor carry one that it does not claim', async () => {
    await expect(envelope({ auth: 'seal' })).rejects.toThrow('SEAL_INPUT /origin/seal');
    await expect(envelope({ auth: 'topic', seal: await own() })).rejects.toThrow('SEAL_INPUT /origin/seal');
    await expect(envelope({ auth: 'seal', seal: 'no seal"' })).rejects.toThrow('SEAL_INPUT /origin/seal');
  });

  it('cannot be sealed by the key of a gateway, nor the other way round', async () => {
    const swapped = await sealOrigin(input.event, canonicalize(PERSON), { iss: member, signer: issuer.sealer.signer }, SEALED_AT);
    expect(code(await envelope({ auth: 'seal', seal: swapped }), { requireSeal: true })).toBe('ENVELOPE_ORIGIN_SEAL');
    const other = await seal(sealInput(), { ...issuer.sealer, iss: member, signer: softwareSigner(key) }, SEALED_AT);
    expect(other.ok && code(other.envelope)).toBe('ENVELOPE_KEY_ALGORITHM');
  });
});

import { jtiOf, seal, sealDisclosable } from '#envelope';
import type { ReceivedRecord } from '#record';
import { SEALED_AT, sealInput, tampered, testIssuer } from '#testkit';
import { readSealed } from './read-sealed.js';

const issuer = testIssuer();
const keys = { known: () => issuer.keys, caughtUp: async () => issuer.keys };
const received = (value: Buffer): ReceivedRecord => ({
  ...{ topic: 'sealed.population.person', partition: 0, offset: '0', key: null, value, headers: {}, timestamp: 0 },
});

describe('when a sealed record is read for its leaf', () => {
  it.each([
    ['plain', seal, true],
    ['with disclosures', sealDisclosable, false],
  ] as const)('has the identity of its exchange, %s', async (_, sealed, statesDigest) => {
    const made = await sealed(sealInput(), issuer.sealer, SEALED_AT);
    if (!made.ok) throw new Error(made.fault.code);
    const [drafts] = await readSealed([received(made.envelope)], 'GE/GOV/0001', keys);
    const jti = jtiOf('/GE/GOV/7001/base-registry', 'event-1');
    expect(drafts).toMatchObject([{ k: 'record', id: `GE/GOV/0001|${jti}`, type: 'population.person' }]);
    expect(JSON.stringify(drafts).includes('"rd"')).toBe(statesDigest);
  });

  it('is refused where the seal of an envelope with disclosures does not hold', async () => {
    const made = await sealDisclosable(sealInput(), issuer.sealer, SEALED_AT);
    if (!made.ok) throw new Error(made.fault.code);
    const text = made.envelope.toString('latin1');
    const forged = tampered(text, text.indexOf('~') - 40);
    expect(await readSealed([received(Buffer.from(forged))], 'GE/GOV/0001', keys)).toEqual(['ENVELOPE_SIGNATURE']);
  });
});

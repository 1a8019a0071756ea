import { jtiOf, seal, sealDisclosable } from '#envelope';
import type { ReceivedRecord } from '#record';
import { SEALED_AT, sealInput, testIssuer } from '#testkit';
import { readSealed } from './read-sealed.js';

const issuer = testIssuer();
const received = (value: Buffer | null): ReceivedRecord => ({
  ...{ topic: 'sealed.population.person', partition: 0, offset: '0', key: null, value, headers: {}, timestamp: 0 },
});

describe('when a sealed record is read for its leaf', () => {
  it.each([
    ['plain', seal, true],
    ['with disclosures', sealDisclosable, false],
  ] as const)('has the identity of its exchange, %s', async (_, sealed, statesDigest) => {
    const made = await sealed(sealInput(), issuer.sealer, SEALED_AT);
    if (!made.ok) throw new Error(made.fault.code);
    const draft = readSealed(received(made.envelope), 'GE/GOV/0001');
    const jti = jtiOf('/GE/GOV/7001/base-registry', 'event-1');
    expect(draft).toMatchObject({ k: 'record', id: `GE/GOV/0001|${jti}`, type: 'population.person' });
    expect(draft?.rd !== undefined).toBe(statesDigest);
  });

  it.each([null, Buffer.from('x'), Buffer.from('a.b.c'), Buffer.from('a.e30.c')])(
    'is nobody’s where it is no envelope (%#)',
    (value) => {
      expect(readSealed(received(value), 'GE/GOV/0001')).toBeUndefined();
    },
  );
});

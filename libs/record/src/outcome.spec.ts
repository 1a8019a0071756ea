import { decodeOutcomes, encodeOutcomes, type Outcome } from './index.js';

const outcome: Outcome = { kind: 'rejected', ingress: 't/0/1', at: '2099-01-01T00:00:00Z', faults: [{ code: 'JSON_SYNTAX' }] };

describe('when outcomes travel', () => {
  it('come back as they were', () => {
    expect(decodeOutcomes(encodeOutcomes([outcome, { ...outcome, kind: 'sealed', jti: 'x' }]))).toHaveLength(2);
    expect(decodeOutcomes(encodeOutcomes([outcome]))).toEqual([outcome]);
  });

  it.each([null, Buffer.from('{'), Buffer.from('null'), Buffer.from('{"outcomes":[{"kind":"x"}]}')])(
    'are undefined where the value is something else (%#)',
    (value) => {
      expect(decodeOutcomes(value)).toBeUndefined();
    },
  );
});

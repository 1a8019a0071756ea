import { agreementDigest, agreementText } from './index.js';
import { TERMS } from './policy.fixture.js';

describe('what both sides sign', () => {
  it('is the RFC 8785 text of the terms, with its kind', () => {
    expect(String(agreementText(TERMS))).toBe(
      '{"consumer":"GE/GOV/7002/pensions","encryption":"none","fields":["/birth","/id"],"from":"2099-01-01T00:00:00Z","id":"a1",' +
        '"kind":"khidi-agreement-1","origin":"topic","provider":"GE/GOV/7001","pseudonym":"registry","purpose":"pension",' +
        '"quota":{"per":"hour","records":1000},"retention":"P1Y","type":"population.person","until":"2100-01-01T00:00:00Z","version":1}',
    );
  });

  it('is the same for the same fields in another order, and another for every other version', () => {
    expect(agreementDigest({ ...TERMS, fields: ['/birth', '/id'] })).toBe(agreementDigest(TERMS));
    expect(agreementDigest({ ...TERMS, version: 2 })).not.toBe(agreementDigest(TERMS));
  });

  it('does not exist for terms that would never be applied', () => {
    expect(() => agreementText({ ...TERMS, version: 0 })).toThrow('POLICY_TERMS_INVALID: /version');
  });
});

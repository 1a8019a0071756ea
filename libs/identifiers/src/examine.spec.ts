import fc from 'fast-check';
import { examine, mayReject, type Policy, SCHEMES, type Scheme, type SchemeName, schemeName, whatHolds } from './index.js';

const told = (name: SchemeName, text: string, policy?: Policy) => {
  const found = examine(name, text, policy);
  return found === undefined ? 'holds' : `${found.rejects ? 'rejects' : 'warns'} ${found.code}`;
};

// Synthetic: every person is born in 2099 or later.
const HOLD: readonly [SchemeName, string][] = [
  ['ee.isikukood', '79912310014'],
  ['ee.isikukood', '89912310026'],
  ['ee.isikukood', '79912310070'],
  ['ee.isikukood', '79912310440'],
  ['ee.registrikood', '12345678'],
  ['kz.iin', '991231500016'],
  ['kz.iin', '991231600022'],
  ['kz.iin', '991231500707'],
  ['kz.iin', '991231500719'],
  ['kz.bin', '991240000013'],
  ['kz.bin', '991251000023'],
  ['kz.bin', '991263000039'],
  ['uz.pinfl', '53112990010014'],
  ['uz.pinfl', '63112999999995'],
  ['uz.stir', '299999999'],
  ['uz.cadastral-number', '10:01:01:01:01:0001:0001:001'],
  ['az.fin', '0ABCXYZ'],
  ['az.voen', '9900000141'],
  ['az.voen', '9900000142'],
  ['az.voen', '9900000271'],
  ['am.psn', '4132990010'],
  ['am.psn', '8132999999'],
  ['am.psn', '1141000015'],
  ['ge.personal-number', '99999999999'],
  ['ge.entity-code', '999999999'],
  ['ge.cadastral-code', '99.01.10.014.024'],
  ['kg.pin', '23112209900001'],
  ['kg.legal-entity-number', '99999999999999'],
  ['lei', 'ZZZZ00TESTENTITY0091'],
  ['vin', '1G4AH59H45G118341'],
];

describe('when an identifier is what its scheme publishes', () => {
  it.each(HOLD)('%s %s holds', (name, text) => {
    expect(told(name, text)).toBe('holds');
  });
});

describe('when something does not hold', () => {
  it.each<[SchemeName, string, string]>([
    ['ee.isikukood', '79912310015', 'rejects IDENTIFIER_CHECK_DIGIT'],
    ['ee.isikukood', '79913310014', 'rejects IDENTIFIER_PARTS'],
    ['ee.isikukood', '99912310014', 'rejects IDENTIFIER_FORM'],
    ['ee.isikukood', '09912310014', 'rejects IDENTIFIER_FORM'],
    ['ee.isikukood', '7991231001', 'rejects IDENTIFIER_FORM'],
    ['ee.registrikood', '12345679', 'warns IDENTIFIER_CHECK_DIGIT'],
    ['ee.registrikood', '22345678', 'rejects IDENTIFIER_FORM'],
    ['kz.iin', '991231500017', 'rejects IDENTIFIER_CHECK_DIGIT'],
    ['kz.iin', '990230500013', 'rejects IDENTIFIER_PARTS'],
    ['kz.iin', '991231700016', 'rejects IDENTIFIER_FORM'],
    ['kz.bin', '991240000014', 'rejects IDENTIFIER_CHECK_DIGIT'],
    ['kz.bin', '991270000013', 'rejects IDENTIFIER_FORM'],
    ['uz.pinfl', '53112990010015', 'warns IDENTIFIER_CHECK_DIGIT'],
    ['uz.pinfl', '53002990010014', 'warns IDENTIFIER_PARTS'],
    ['uz.pinfl', '53112990000014', 'warns IDENTIFIER_PARTS'],
    ['uz.pinfl', '5311299001001', 'rejects IDENTIFIER_FORM'],
    ['uz.stir', '399999999', 'rejects IDENTIFIER_FORM'],
    ['uz.cadastral-number', '10:01:01:01:01:0001', 'rejects IDENTIFIER_FORM'],
    ['az.fin', '0ABCXYO', 'rejects IDENTIFIER_FORM'],
    ['az.fin', '0АВСXYZ', 'rejects IDENTIFIER_FORM'], // Cyrillic letters that look the same
    ['az.voen', '9900000151', 'rejects IDENTIFIER_CHECK_DIGIT'],
    ['az.voen', '9900000143', 'rejects IDENTIFIER_FORM'],
    ['am.psn', '9932990010', 'warns IDENTIFIER_PARTS'],
    ['am.psn', '4132990000', 'warns IDENTIFIER_PARTS'],
    ['am.psn', '0132990010', 'rejects IDENTIFIER_FORM'],
    ['ge.personal-number', '9999999999', 'rejects IDENTIFIER_FORM'],
    ['kg.pin', '2311220990000', 'rejects IDENTIFIER_FORM'],
    ['kg.legal-entity-number', '9', 'warns IDENTIFIER_FORM'],
    ['lei', 'ZZZZ00TESTENTITY0092', 'rejects IDENTIFIER_CHECK_DIGIT'],
    ['lei', 'zzzz00testentity0091', 'rejects IDENTIFIER_FORM'],
    ['vin', '1G4AH59H55G118341', 'warns IDENTIFIER_CHECK_DIGIT'],
    ['vin', '1G4AH59H45G11834O', 'rejects IDENTIFIER_FORM'],
    ['vin', '9'.repeat(100_000), 'rejects IDENTIFIER_FORM'],
    ['ge.cadastral-code', '01.10.10', 'rejects IDENTIFIER_FORM'],
  ])('%s %s %s', (name, text, wanted) => expect(told(name, text)).toBe(wanted));

  it('no digit stands for a body that is never issued', () => {
    for (const digit of '0123456789') {
      expect(told('kz.iin', `99123150077${digit}`)).toBe('rejects IDENTIFIER_CHECK_DIGIT');
      expect(told('az.voen', `99000003${digit}1`)).toBe('rejects IDENTIFIER_CHECK_DIGIT');
    }
  });
});

describe('when no arithmetic is published', () => {
  it.each<[SchemeName, string]>([
    ['am.psn', '413299001'],
    ['ge.personal-number', '9999999999'],
    ['kg.pin', '2311220990000'],
    ['uz.stir', '29999999'],
  ])('%s accepts every last digit', (name, body) => {
    for (const digit of '0123456789') expect(told(name, `${body}${digit}`)).toBe('holds');
  });
});

describe('when a policy is set', () => {
  it('enforces what is usually a warning, unless the rule never rejects', () => {
    expect(told('uz.pinfl', '53112990010015', 'enforce')).toBe('rejects IDENTIFIER_CHECK_DIGIT');
    expect(told('vin', '1G4AH59H55G118341', 'enforce')).toBe('warns IDENTIFIER_CHECK_DIGIT');
    expect(told('am.psn', '9932990010', 'enforce')).toBe('warns IDENTIFIER_PARTS');
  });

  it('warns of what usually rejects, and asks nothing where it is off', () => {
    expect(told('ee.isikukood', '79912310015', 'warn')).toBe('warns IDENTIFIER_CHECK_DIGIT');
    expect(told('ee.isikukood', 'x', 'warn')).toBe('warns IDENTIFIER_FORM');
    expect(told('ee.isikukood', 'x', 'off')).toBe('holds');
  });
});

describe('when one digit is mistyped', () => {
  const mistyped = (text: string, at: number, digit: string) => `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;
  const caught = (name: SchemeName, texts: readonly string[]) => {
    const slips = texts.flatMap((text) =>
      Array.from(text, (right, at) =>
        Array.from('0123456789').flatMap((digit) => (digit === right ? [] : [told(name, mistyped(text, at, digit))])),
      ).flat(),
    );
    return slips.filter((verdict) => verdict !== 'holds').length / slips.length;
  };

  it('most slips are found', () => {
    const of = (name: SchemeName) => HOLD.filter(([other]) => other === name).map(([, text]) => text);
    expect(caught('uz.pinfl', of('uz.pinfl'))).toBe(1);
    expect(caught('ee.isikukood', of('ee.isikukood'))).toBeGreaterThan(0.95);
    expect(caught('kz.iin', of('kz.iin'))).toBeGreaterThan(0.9);
  });
});

describe('whatever is asked', () => {
  it('answers quickly and never throws', () => {
    const names = Object.keys(SCHEMES) as SchemeName[];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ unit: 'grapheme', maxLength: 80 }), (name, text) => {
        examine(name, text);
      }),
    );
  });

  it('has an example for every scheme, of which everything holds', () => {
    for (const [name, { example }] of Object.entries<Scheme>(SCHEMES))
      expect([name, told(name as SchemeName, example, 'enforce')]).toEqual([name, 'holds']);
  });

  it('knows whether a scheme can reject at all', () => {
    expect([mayReject('vin'), mayReject('vin', 'warn'), mayReject('kg.legal-entity-number'), mayReject('lei', 'off')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(mayReject('kg.legal-entity-number', 'enforce')).toBe(true);
  });

  it('never says more than what holds', () => {
    expect(whatHolds('ee.isikukood')).toBe('form and parts hold, check digit holds');
    expect(whatHolds('ge.personal-number')).toBe('form holds');
    expect(whatHolds('am.psn')).toBe('form and parts hold');
  });

  it('knows its own names only', () => {
    expect([schemeName('kz.iin'), schemeName('toString'), schemeName('xx')]).toEqual(['kz.iin', undefined, undefined]);
  });
});

import { COUNTRIES, type CountryPack, comparableName, SCHEMES, type Scheme } from './index.js';

const packs: readonly CountryPack[] = Object.values(COUNTRIES);

describe('a country pack', () => {
  it.each(packs.map((pack) => [pack.country, pack] as const))(
    'of %s chooses schemes of its own and languages that exist',
    (_, pack) => {
      for (const [bearer, name] of Object.entries(pack.schemes)) {
        const scheme: Scheme = SCHEMES[name];
        expect([scheme.bearer, scheme.country]).toEqual([bearer, pack.country]);
      }
      for (const language of pack.languages) expect(Intl.getCanonicalLocales(language)).toEqual([language]);
      expect(Intl.DateTimeFormat.supportedLocalesOf([pack.formats.locale])).toHaveLength(1);
      expect(new Intl.NumberFormat('en', { style: 'currency', currency: pack.formats.currency }).format(1)).toContain('1.00');
    },
  );

  it('chooses every scheme of its country', () => {
    const chosen = packs.flatMap(({ schemes }) => Object.values(schemes));
    const national = Object.entries<Scheme>(SCHEMES).filter(([, { country }]) => country !== undefined);
    expect(chosen.sort()).toEqual(national.map(([name]) => name).sort());
  });
});

describe('two writings of one name', () => {
  it('are the same where only the apostrophe differs in Uzbek', () => {
    const written = ['Oʻgʻiloy', 'O‘g‘iloy', "O'g'iloy", 'Oʼgʼiloy', 'O`g`iloy'].map((name) => comparableName('uz', name));
    expect(new Set(written).size).toBe(1);
    expect(comparableName('ee', "O'Neil")).not.toBe(comparableName('ee', 'Oʻneil'));
  });

  it('fold by the rules of Azerbaijani, where I and İ are two letters', () => {
    expect([comparableName('az', 'İlqar'), comparableName('az', 'Ilqar')]).toEqual(['ilqar', 'ılqar']);
  });

  it('leave Georgian and Armenian letters alone', () => {
    expect([comparableName('ge', 'ნინო'), comparableName('am', 'Եվա')]).toEqual(['ნინო', 'եվա']);
  });
});

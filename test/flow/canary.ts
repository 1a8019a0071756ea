import type { Instance } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';

/** A synthetic person whose every text is unique, so that any of them found outside a record store is a leak. */
export const PERSON = {
  id: 'EE-69912073453',
  names: {
    language: 'et',
    given: 'Kanarilinda',
    family: 'Kanaritamm',
    full: 'Kanarilinda Kanaritamm Täisnimi',
    passport: { given: 'KANARIPASS', family: 'KANARIPERE' },
  },
  sex: 'female',
  birth: { date: '2099-12-07', country: 'EE', place: 'Kanarisünnikoht' },
  status: 'alive',
  civilStatus: 'single',
  nationalities: ['EE'],
  parents: ['EE-59912319879'],
  residence: {
    country: 'EE',
    region: 'Kanarimaakond',
    locality: 'Kanariküla',
    street: 'Kanaritänav',
    building: '98761',
    postalCode: '987654',
    since: '2121-11-23',
  },
  document: { kind: 'passport', number: 'KNR987654321', issuer: 'Kanariamet', issued: '2120-10-19', expires: '2130-10-18' },
  contact: { email: 'kanarikiri@example.org', telephone: '+37298765432109', language: 'et' },
  register: { office: 'EE-001', act: '98765432/2099', entered: '2099-12-09T01:02:03Z', version: 1 },
};

/** Words that are not secret because the schema itself names them, or because they say nothing about anybody. */
const COMMON = new Set(['et', 'EE', 'female', 'alive', 'single', 'passport', 'EE-001']);

/** Every text of the record that must not be found. */
export function canariesOf(value: unknown): string[] {
  if (typeof value === 'string') return COMMON.has(value) ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(canariesOf);
}

const spoilt = (change: Record<string, unknown>): string => JSON.stringify({ ...PERSON, ...change });

/** A number whose check digit does not hold, and whose scheme only warns of it. */
export const DOUBTFUL = 'UZ-53112990010015';

/** The same person, sound once, doubtful once, and spoilt in every way that an answer might be tempted to quote. */
export const BODIES: readonly { name: string; body: Buffer; sound?: true }[] = [
  { name: 'sound', body: Buffer.from(JSON.stringify(PERSON)), sound: true },
  { name: 'sound, with a doubtful number', body: Buffer.from(spoilt({ id: DOUBTFUL })), sound: true },
  { name: 'every field of the wrong form', body: Buffer.from(wrong()) },
  {
    name: 'a member whose name is personal',
    body: Buffer.from(spoilt({ 'Kanarilinda Kanaritamm Täisnimi': { EE69912: 'EE-69912073453' } })),
  },
  { name: 'names where a word of a list is expected', body: Buffer.from(spoilt({ sex: 'Kanarilinda', status: 'Kanaritamm' })) },
  { name: 'broken JSON', body: Buffer.from(JSON.stringify(PERSON).slice(0, -1)) },
  { name: 'a stray token after the text', body: Buffer.from(`${JSON.stringify(PERSON)} Kanarilinda`) },
  { name: 'a duplicate member', body: Buffer.from(`{"id":"EE-69912073453",${JSON.stringify(PERSON).slice(1)}`) },
  {
    name: 'invalid UTF-8',
    body: Buffer.concat([Buffer.from(JSON.stringify(PERSON).slice(0, -2)), Buffer.from([0xff]), Buffer.from('"}')]),
  },
  { name: 'a number in place of the identifier', body: Buffer.from(spoilt({ id: 69912073453 })) },
  { name: 'no identifier', body: Buffer.from(spoilt({ id: undefined })) },
];

function wrong(): string {
  const spoil = (value: unknown): unknown => {
    if (typeof value === 'string') return `${value}\u0000!`;
    if (Array.isArray(value)) return value.map(spoil);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoil(one)]));
  };
  return JSON.stringify(spoil(PERSON));
}

/** Which canaries stand in `text`, plainly or in one of the forms that logs and headers use. */
export function foundIn(text: Buffer | string, canaries: readonly string[]): string[] {
  const haystack = Buffer.isBuffer(text) ? text : Buffer.from(text);
  return canaries.filter((canary) => {
    const plain = Buffer.from(canary);
    const forms = [plain, Buffer.from(JSON.stringify(canary).slice(1, -1)), Buffer.from(encodeURIComponent(canary))];
    // base64 of a text inside a longer one: only the middle of the code is the same whatever stands before it
    for (let shift = 0; shift < 3; shift++) {
      const coded = Buffer.concat([Buffer.alloc(shift, 0x20), plain])
        .toString('base64url')
        .slice(shift === 0 ? 0 : 4, -3);
      if (coded.length >= 8) forms.push(Buffer.from(coded));
    }
    forms.push(Buffer.from(plain.toString('hex')));
    return forms.some((form) => haystack.includes(form));
  });
}

/** The metrics of every service of an instance and of what stands beside it, one text. */
export async function allMetrics(instance: Instance, ...beside: readonly ServiceProcess[]): Promise<string> {
  const { registry, validation, signing, ledger } = instance;
  const services = [registry, validation, signing, ledger, ...instance.agencies.map((one) => one.adapter), ...beside];
  const texts = await Promise.all(services.map(async (one) => (await fetch(`${one.url}/metrics`)).text()));
  return texts.join('\n');
}

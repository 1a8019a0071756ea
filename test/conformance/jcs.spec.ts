import { readdirSync, readFileSync } from 'node:fs';
import { canonicalize, parseCanonical, parseStrict } from '#canonical';
import { sharedFolder } from '../shared-folder.js';

/** Inputs of the vectors that the strict gate refuses: their canonical form is tested below it. */
const REFUSED_AT_THE_GATE: Readonly<Record<string, string>> = {
  'values.json': 'JSON_NUMBER_LOSSY', // 333333333.33333329 is read as 333333333.3333333
};

const folder = sharedFolder('vectors', 'jcs');
const names = folder === undefined ? [] : readdirSync(`${folder}/input`).sort();
const read = (kind: string, name: string): Buffer => readFileSync(`${folder}/${kind}/${name}`);

(folder === undefined ? describe.skip : describe)('the JCS vectors of RFC 8785', () => {
  it('come out byte for byte', () => {
    for (const name of names) {
      const hex = read('outhex', name.replace('.json', '.txt')).toString('latin1').replaceAll(/\s/g, '');
      const form = canonicalize(JSON.parse(read('input', name).toString('utf8')));
      expect(form.toString('hex')).toBe(hex);
      expect(form.equals(read('output', name))).toBe(true);
    }
    process.stdout.write(`JCS vectors: ${names.length} of ${names.length} byte for byte\n`);
  });

  it('come out of the strict gate too, except what a double cannot hold', () => {
    for (const name of names) {
      const result = parseStrict(read('input', name));
      expect(result.ok ? canonicalize(result.value).equals(read('output', name)) : result.code).toBe(
        REFUSED_AT_THE_GATE[name] ?? true,
      );
    }
  });

  it('come out the same when they are copied while reading, whether their members are known or not', () => {
    for (const name of [...names, ...names, ...names]) {
      const result = parseCanonical(read('input', name));
      expect(result.ok ? result.canonical.equals(read('output', name)) : result.code).toBe(REFUSED_AT_THE_GATE[name] ?? true);
    }
  });

  it('are their own canonical form', () => {
    for (const name of names) {
      const output = read('output', name);
      const result = parseStrict(output);
      expect(result.ok && canonicalize(result.value).equals(output)).toBe(true);
    }
  });
});

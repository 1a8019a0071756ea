import { readFileSync } from 'node:fs';
import { compare, LEVELS, type Level, type Question } from '#compatibility';
import { dissectSchema } from '#schema';
import { sharedFolder } from '../shared-folder.js';

interface Case {
  readonly name: string;
  readonly old: object;
  readonly new: object;
  readonly backward: 'compatible' | 'incompatible';
  readonly forward: 'compatible' | 'incompatible';
}

const MARK = 'number:';
const file = sharedFolder('vectors', 'schema-compatibility', 'cases.json');
// JSON.parse would change 2^53+1, which one case is about.
const cases =
  file === undefined
    ? []
    : (
        JSON.parse(
          readFileSync(file, 'utf8').replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
            token.startsWith('"') || token.length < 16 ? token : `"${MARK}${token}"`,
          ),
        ) as { cases: Case[] }
      ).cases;

const textOf = (schema: object): string =>
  JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema }).replaceAll(
    new RegExp(`"${MARK}([^"]*)"`, 'g'),
    '$1',
  );

function expected({ backward, forward }: Case, level: Level): string {
  const asked = [...(level.startsWith('FORWARD') ? [] : [backward]), ...(level.startsWith('BACKWARD') ? [] : [forward])];
  return level === 'NONE' || !asked.includes('incompatible') ? 'compatible' : 'incompatible';
}

function accepts(text: string, document: string): boolean | undefined {
  const result = dissectSchema(text);
  return result.ok ? result.schema.accepts(JSON.parse(document)) : undefined;
}

(file === undefined ? describe.skip : describe)('the cases of schema evolution', () => {
  it.each(LEVELS.map((level) => ({ level })))('are all answered rightly at level $level', ({ level }) => {
    const question = (one: Case): Question => ({
      candidate: { text: textOf(one.new) },
      earlier: [{ text: textOf(one.old) }],
      level,
    });
    const wrong = cases.filter((one) => compare(question(one)).verdict !== expected(one, level)).map(({ name }) => name);
    process.stdout.write(`compatibility cases, ${level}: ${cases.length - wrong.length} of ${cases.length}\n`);
    expect({ count: cases.length, wrong }).toEqual({ count: 60, wrong: [] });
  });

  it('come with a document that one version accepts and the other refuses', () => {
    let shown = 0;
    for (const one of cases) {
      const [before, after] = [textOf(one.old), textOf(one.new)];
      const verdict = compare({ candidate: { text: after }, earlier: [{ text: before }], level: 'FULL' });
      if (verdict.verdict !== 'incompatible') continue;
      for (const { direction, witness, verifiedBy } of verdict.breaks) {
        shown++;
        if (verifiedBy === 'arithmetic') continue; // no double holds its number, and so no validator here
        const [writer, reader] = direction === 'backward' ? [before, after] : [after, before];
        expect([one.name, accepts(writer, witness), accepts(reader, witness)]).toEqual([one.name, true, false]);
      }
    }
    process.stdout.write(`compatibility cases: ${shown} witness documents\n`);
    expect(shown).toBeGreaterThan(60);
  });
});

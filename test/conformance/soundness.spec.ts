import fc from 'fast-check';
import { compare } from '#compatibility';
import { type DissectedSchema, dissectSchema } from '#schema';
import { documents, family } from './schema-pairs.js';

/** KHIDI_PAIRS=100000 is the nightly number; KHIDI_SEED repeats a run. */
const PAIRS = Number(process.env.KHIDI_PAIRS ?? 2_000);
const SEED = process.env.KHIDI_SEED === undefined ? {} : { seed: Number(process.env.KHIDI_SEED) };
const FAMILY = 9;

interface Version {
  readonly text: string;
  readonly schema: DissectedSchema;
  /** What the validator says of each document. */
  readonly verdicts: readonly (boolean | undefined)[];
}

const counts = { pairs: 0, compatible: 0, incompatible: 0, undecided: 0, milliseconds: 0, slowest: 0 };

function readable(texts: readonly string[]): Version[] {
  return [...new Set(texts)].flatMap((text) => {
    const result = dissectSchema(text);
    if (!result.ok) return []; // a generated schema may be one that the registry refuses
    return [{ text, schema: result.schema, verdicts: documents.map((document) => result.schema.accepts(document)) }];
  });
}

/** Throws where the verdict on a pair and the validator disagree. */
function examine(earlier: Version, candidate: Version): void {
  const start = performance.now();
  const verdict = compare({ candidate, earlier: [earlier], level: 'BACKWARD' });
  const took = performance.now() - start;
  counts.pairs++;
  counts[verdict.verdict]++;
  counts.milliseconds += took;
  counts.slowest = Math.max(counts.slowest, took);
  const breaking = documents.findIndex((_, i) => earlier.verdicts[i] === true && candidate.verdicts[i] === false);
  const pair = `\nearlier   ${earlier.text}\ncandidate ${candidate.text}\n`;
  if (verdict.verdict === 'compatible' && breaking >= 0)
    throw new Error(`said to be compatible, but ${JSON.stringify(documents[breaking])} breaks${pair}`);
  if (verdict.verdict !== 'incompatible') return;
  const witness: unknown = JSON.parse(verdict.breaks[0]?.witness ?? 'null');
  if (earlier.schema.accepts(witness) !== true || candidate.schema.accepts(witness) !== false)
    throw new Error(`${JSON.stringify(witness)} is no witness${pair}`);
}

describe('when a verdict is held against the validator', () => {
  it(
    'never says compatible where a document breaks, nor incompatible without one',
    () => {
      const runs = Math.max(1, Math.ceil(PAIRS / (FAMILY * (FAMILY - 1) * 0.8)));
      let round = 0;
      while (counts.pairs < PAIRS) {
        const seed = SEED.seed === undefined ? {} : { seed: SEED.seed + round++ };
        fc.assert(
          fc.property(family(FAMILY), (texts) => {
            const versions = readable(texts);
            for (const earlier of versions)
              for (const candidate of versions) if (earlier !== candidate) examine(earlier, candidate);
          }),
          { numRuns: Math.min(runs, 200), ...seed, endOnFailure: PAIRS > 10_000 },
        );
      }
      const { pairs, compatible, incompatible, undecided, milliseconds, slowest } = counts;
      process.stdout.write(
        `compatibility, generated pairs: ${pairs}, 0 unsound (${compatible} compatible, ${incompatible} incompatible, ${undecided} undecided; ` +
          `${(milliseconds / pairs).toFixed(2)} ms a pair, slowest ${slowest.toFixed(0)} ms)\n`,
      );
      expect(pairs).toBeGreaterThanOrEqual(PAIRS);
      expect(undecided).toBeLessThan(pairs / 10);
    },
    Math.max(120_000, PAIRS * 60),
  );
});

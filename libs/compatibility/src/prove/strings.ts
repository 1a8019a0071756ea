import { samplesOf } from '#schema';
import { partsOf } from '../language/dfa.js';
import { includedFormats, SAMPLES, SHAPES } from '../language/formats.js';
import { textsFor, type Wish } from '../language/texts.js';
import type { Fuel } from '../model/holds.js';
import type { Value } from '../values/value.js';
import type { Branch } from './branch.js';
import { type Outcome, sat, UNSAT, unknown } from './outcome.js';

const MAX_LENGTH = 100_000;
const MAX_TRIED = 60;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Looks for a text that a branch lets pass. Complete where patterns are regular and formats are not needed. */
export function solveText(branch: Branch, fits: (value: Value) => boolean, fuel: Fuel): Outcome {
  const formats = branch.atoms('format', true).map(({ name }) => name);
  const noFormats = branch.atoms('format', false).map(({ name }) => name);
  if (formats.some((name) => noFormats.some((other) => includedFormats(name).has(other)))) return UNSAT;
  const wish = wishOf(branch, formats);
  if (wish.min > wish.max) return UNSAT;
  if (wish.min > MAX_LENGTH) return unknown(`the shortest text that could break has more than ${MAX_LENGTH} characters`);
  const samples = formats.flatMap((name) => SAMPLES[name] ?? samplesOf(name));
  // A text that breaks the rule of an identifier begins like one.
  samples.push(...noFormats.flatMap(samplesOf).flatMap((text) => [`${text}-`, anotherEnd(text)]));
  for (const sample of samples) if (fits(sample)) return sat(sample);
  if (wish.wanted.length + wish.unwanted.length === 0) {
    const plain = plainText(wish, fits);
    if (plain !== undefined) return sat(plain);
  }
  let tried = 0;
  for (const texts = textsFor(wish, fuel); ; ) {
    const next = texts.next();
    if (next.done === true) {
      if (tried === 0 && next.value === 'all') return UNSAT;
      break;
    }
    if (fits(next.value)) return sat(next.value);
    if (++tried > MAX_TRIED) break;
  }
  return unknown(
    formats.length + noFormats.length > 0
      ? `no text was found for the formats ${[...formats, ...noFormats].join(', ')} with what stands beside them`
      : 'the patterns are too large, or look around themselves',
  );
}

/** A text with another last sign, so that its check digit fails where it has one. */
function anotherEnd(text: string): string {
  return `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
}

function wishOf(branch: Branch, formats: readonly string[]): Wish {
  const patterns = (wanted: boolean) =>
    branch.atoms('pattern', wanted).flatMap(({ text }) => {
      const parts = partsOf(text);
      return parts === undefined ? [] : [parts]; // what automata cannot say is asked of each text
    });
  const shapes = formats.flatMap((name) => {
    const shape = SHAPES[name];
    const parts = shape === undefined ? undefined : partsOf(shape);
    return parts === undefined ? [] : [parts];
  });
  const counts = (kind: 'minLength' | 'maxLength', wanted: boolean) => branch.atoms(kind, wanted).map(({ count }) => count);
  return {
    wanted: [...patterns(true), ...shapes],
    unwanted: patterns(false),
    excluded: branch.atoms('enum', false).flatMap(({ values }) => values.filter((value) => typeof value === 'string')),
    min: Math.max(0, ...counts('minLength', true), ...counts('maxLength', false).map((count) => count + 1)),
    max: Math.min(...counts('maxLength', true), ...counts('minLength', false).map((count) => count - 1)),
  };
}

/** Texts that are only asked for their length. */
function plainText({ min, max, excluded }: Wish, fits: (value: Value) => boolean): string | undefined {
  const body = 'a'.repeat(min);
  if (fits(body)) return body;
  for (let i = 0; i <= Math.min(excluded.length, 2_000); i++) {
    const tail = [...i.toString(LETTERS.length)].map((digit) => LETTERS[Number.parseInt(digit, LETTERS.length)]).join('');
    const text = body.slice(0, Math.max(0, min - tail.length)) + tail;
    if (text.length <= max && fits(text)) return text;
  }
  return undefined;
}

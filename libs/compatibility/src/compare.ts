import { decide, type Reading } from './decide.js';
import { breakOf } from './diff/break.js';
import { changesBetween } from './diff/changes.js';
import { Fuel } from './model/holds.js';
import { type Opened, open } from './opened.js';
import type { Break, Change, Check, Policy, Question, Undecided, Verdict } from './verdict.js';

/** A step is about a microsecond on this kind of machine. The hard limit in milliseconds is the business of {@link compareWithin}. */
const STEPS = 1_500_000;
/** Of these for finding out what each single change does. */
const CHANGE_STEPS = 300_000;

/** The checks that a level asks for. */
export function checksOf({ level, earlier }: Question): Check[] {
  if (level === 'NONE') return [];
  const versions = level.endsWith('_TRANSITIVE') ? [...earlier.keys()] : [...earlier.keys()].slice(-1);
  const isBackward = !level.startsWith('FORWARD');
  const isForward = !level.startsWith('BACKWARD');
  return versions.flatMap((version) => [
    ...(isBackward ? [{ direction: 'backward', earlier: version } as const] : []),
    ...(isForward ? [{ direction: 'forward', earlier: version } as const] : []),
  ]);
}

/**
 * Says whether the candidate may follow the earlier versions. Never "compatible" where a document breaks; what cannot be decided is
 * said to be so. Pure and synchronous, and takes a bounded number of steps: a caller with an event loop asks {@link compareWithin}.
 */
export function compare(question: Question): Verdict {
  const fuel = new Fuel(STEPS);
  const breaks: Break[] = [];
  const undecided: Undecided[] = [];
  const acceptedRisks: Break[] = [];
  const candidate = open(question.candidate);
  const versions = new Map<number, Opened | string>();
  const changes = new Map<number, readonly Change[]>();
  for (const check of checksOf(question)) {
    const earlier = versions.get(check.earlier) ?? open(question.earlier[check.earlier] ?? question.candidate);
    versions.set(check.earlier, earlier);
    if (typeof earlier === 'string' || typeof candidate === 'string') {
      const which = typeof candidate === 'string' ? 'the candidate' : 'the earlier version';
      undecided.push({
        ...check,
        code: 'UNREADABLE',
        reason: `${which} cannot be read: ${typeof candidate === 'string' ? candidate : earlier}`,
      });
      continue;
    }
    const pair = { check, earlier, candidate };
    const known = changes.get(check.earlier) ?? changesBetween(earlier, candidate, new Fuel(CHANGE_STEPS));
    changes.set(check.earlier, known);
    const judged = judge(pair, question.policy ?? 'STRICT', known, fuel);
    breaks.push(...judged.breaks);
    undecided.push(...judged.undecided);
    acceptedRisks.push(...judged.acceptedRisks);
  }
  const last = changes.get(Math.max(...changes.keys())) ?? [];
  if (breaks.length > 0) return { verdict: 'incompatible', breaks, undecided, changes: last };
  if (undecided.length > 0) return { verdict: 'undecided', undecided, changes: last };
  return { verdict: 'compatible', argument: last, acceptedRisks };
}

interface Pair {
  readonly check: Check;
  readonly earlier: Opened;
  readonly candidate: Opened;
}

interface Judged {
  readonly breaks: readonly Break[];
  readonly undecided: readonly Undecided[];
  readonly acceptedRisks: readonly Break[];
}

function judge({ check, earlier, candidate }: Pair, policy: Policy, changes: readonly Change[], fuel: Fuel): Judged {
  const [writer, reader] = check.direction === 'backward' ? [earlier, candidate] : [candidate, earlier];
  const ask = (reading: Reading) => decide(writer, reader, reading, fuel);
  const strict = ask('STRICT');
  const none = { breaks: [], undecided: [], acceptedRisks: [] };
  if (strict.kind === 'holds') return none;
  const found = strict.kind === 'breaks' ? [breakOf(check, strict, reader, changes)] : [];
  if (policy === 'LENIENT' && ask('LENIENT').kind === 'holds') return { ...none, acceptedRisks: found };
  if (strict.kind === 'open') return { ...none, undecided: [{ ...check, code: strict.code, reason: strict.reason }] };
  return { ...none, breaks: found };
}

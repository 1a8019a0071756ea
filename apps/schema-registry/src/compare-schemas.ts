import { Comparer, type Verdict } from '#compatibility';
import type { Lint } from './changes/lint-reports.js';
import type { Compare, Comparison } from './changes/safety.js';

/** Compares and looks over in a thread of its own, which rests between questions, within so many seconds and 64 MB each. */
export function compareSchemas(seconds: number): { readonly compare: Compare; readonly lint: Lint } {
  const comparer = new Comparer({ milliseconds: seconds * 1000 });
  return {
    compare: async (question) => comparisonOf(await comparer.compare(question)),
    lint: (source) => comparer.lint(source),
  };
}

/** A verdict in sentences. What is undecided counts as incompatible. */
export function comparisonOf(verdict: Verdict): Comparison {
  switch (verdict.verdict) {
    case 'compatible':
      return { isCompatible: true, messages: [], verdict };
    case 'incompatible': {
      const breaks = verdict.breaks.map((one) => {
        const where = one.pointers.map(({ of, pointer }) => `${of} ${pointer}`).join(', ');
        const model = one.contentModel === undefined ? '' : ` ${one.contentModel}`;
        return `${one.direction}: ${one.words} (document: ${one.witness}; changed at ${where}).${model}`;
      });
      return { isCompatible: false, messages: [...breaks, ...verdict.undecided.map(undecidedWords)], verdict };
    }
    case 'undecided':
      return { isCompatible: false, messages: verdict.undecided.map(undecidedWords), verdict };
  }
}

function undecidedWords({ direction, code, reason }: { direction: string; code: string; reason: string }): string {
  return `${direction}: undecided (${code}): ${reason}. It counts as incompatible unless an approver overrides it in writing.`;
}

import type { Opened } from '../opened.js';
import type { Break, Change, Check, ContentModel, Safety } from '../verdict.js';
import { contentModelWords } from './words.js';

const MAX_POINTERS = 20;

/** A break as it is told: the document, where it is refused, what changed, and the ways out where it is about undeclared members. */
export function breakOf(
  check: Check,
  found: { readonly witness: string; readonly verifiedBy: 'validator' | 'arithmetic' },
  reader: Opened,
  changes: readonly Change[],
): Break {
  const { direction } = check;
  const isBackward = direction === 'backward';
  const refusal = found.verifiedBy === 'validator' ? reader.schema.refusal(JSON.parse(found.witness)) : undefined;
  const breaking = changes.filter((change) => safetyOf(change, direction) === 'breaking');
  const rule =
    refusal?.rule === undefined
      ? []
      : [{ of: isBackward ? 'candidate' : 'earlier', pointer: reader.pointerOf(refusal.rule) } as const];
  const told = [...rule, ...breaking.map(({ of, pointer }) => ({ of, pointer }))];
  const unique = [...new Map(told.map((one) => [`${one.of} ${one.pointer}`, one])).values()];
  const [by, against] = isBackward ? ['the earlier version', 'the candidate'] : ['the candidate', 'the earlier version'];
  const where =
    refusal === undefined ? '' : ` at ${refusal.instance === '' ? 'its root' : refusal.instance} (${refusal.keyword})`;
  const model = contentModelOf(breaking, isBackward);
  return {
    ...check,
    witness: found.witness,
    verifiedBy: found.verifiedBy,
    acceptedBy: isBackward ? 'earlier' : 'candidate',
    instance: refusal?.instance ?? '',
    pointers: unique.slice(0, MAX_POINTERS),
    words: `${found.witness} is accepted by ${by} and refused by ${against}${where}.`,
    ...(model === undefined ? {} : { contentModel: model }),
  };
}

function safetyOf(change: Change, direction: Check['direction']): Safety {
  return direction === 'backward' ? change.backward : change.forward;
}

/** The explanation of the surprise that peers are asked about most: a new optional member breaks. */
function contentModelOf(breaking: readonly Change[], isBackward: boolean): string | undefined {
  for (const { member, kind, keyword, rule } of breaking) {
    if (member !== undefined) {
      const name = JSON.stringify(member.name);
      const isWriters = (kind === 'added') === isBackward;
      if (isWriters && member.model !== 'closed') return contentModelWords(member.model, 'open', name);
      if (!isWriters && member.model === 'closed') return contentModelWords('open', 'closed', name);
    }
    const isRest = keyword === 'additionalProperties' || keyword === 'unevaluatedProperties';
    const narrowed: ContentModel = 'closed';
    if (isRest && rule.endsWith(isBackward ? '-narrowed' : '-widened'))
      return contentModelWords('open', narrowed, 'of any other name');
  }
  return undefined;
}

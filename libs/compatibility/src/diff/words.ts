import type { ContentModel, Safety } from '../verdict.js';

/** What a keyword is about, in the words of the sentences below. */
const ABOUT: Readonly<Record<string, string>> = {
  type: 'the types that may stand here',
  enum: 'the values that may stand here',
  const: 'the value that may stand here',
  minimum: 'the smallest number',
  exclusiveMinimum: 'the limit that numbers stay above',
  maximum: 'the largest number',
  exclusiveMaximum: 'the limit that numbers stay below',
  multipleOf: 'the step of numbers',
  minLength: 'the shortest text',
  maxLength: 'the longest text',
  pattern: 'the pattern of texts',
  format: 'the format of texts, which is asserted here',
  'x-khidi-identifier': 'the scheme of identifiers, where it rejects',
  minItems: 'the fewest items',
  maxItems: 'the most items',
  uniqueItems: 'whether items may repeat',
  minProperties: 'the fewest members',
  maxProperties: 'the most members',
  required: 'which members must be there',
  dependentRequired: 'which members need others',
  dependentSchemas: 'what holds when a member is there',
  properties: 'what a member may be',
  patternProperties: 'what members of certain names may be',
  additionalProperties: 'what members without a rule of their own may be',
  unevaluatedProperties: 'what members that nothing else looked at may be',
  propertyNames: 'how members may be named',
  prefixItems: 'what the first items may be',
  items: 'what items may be',
  unevaluatedItems: 'what items that nothing else looked at may be',
  contains: 'which items must be there',
  allOf: 'what must hold together',
  anyOf: 'the alternatives',
  oneOf: 'the alternatives, of which exactly one holds',
  not: 'what is ruled out',
  if: 'what holds under a condition',
};

/** What a change does to the set of documents that pass, as a rule's name says it. */
export function effectOf(backward: Safety, forward: Safety): 'same' | 'widened' | 'narrowed' | 'changed' | 'open' {
  if (backward === 'open' || forward === 'open') return 'open';
  if (backward === 'safe') return forward === 'safe' ? 'same' : 'widened';
  return forward === 'safe' ? 'narrowed' : 'changed';
}

const EFFECT = {
  same: 'the same documents pass as before',
  widened: 'everything that passed still does, and more: old documents stay readable, old readers may refuse new ones',
  narrowed: 'less passes than before: old documents may be refused, old readers can read new ones',
  changed: 'some of what passed is refused now, and some of what was refused passes',
  open: 'what this does by itself was not decided',
} as const;

/** One sentence about a change. */
export function sentenceOf(keyword: string, kind: 'added' | 'removed' | 'changed', effect: keyof typeof EFFECT): string {
  const about = ABOUT[keyword] ?? keyword;
  return `${keyword} (${about}) was ${kind}: ${EFFECT[effect]}.`;
}

/** One sentence about a member that came or went. */
export function memberSentence(
  name: string,
  kind: 'added' | 'removed',
  model: ContentModel,
  effect: keyof typeof EFFECT,
): string {
  const version = kind === 'added' ? 'the earlier version' : 'the candidate';
  const meaning = {
    open: 'open: it lets members of any kind pass under names that it does not declare',
    closed: 'closed: it refuses members that it does not declare',
    'partly open': 'partly open: it lets members pass that it does not declare, if they keep a rule',
  }[model];
  return `The member ${JSON.stringify(name)} was ${kind}, and ${version} is ${meaning}. So ${EFFECT[effect]}.`;
}

/** Why a break that comes from an open or closed model is one, and what can be done. */
export function contentModelWords(writer: ContentModel, reader: ContentModel, name: string): string {
  const why =
    reader === 'closed'
      ? `The version that reads is closed: it refuses the member ${name}, which it does not declare and which the version that writes lets pass.`
      : `The version that writes is ${writer}: it does not declare the member ${name} as the version that reads does, so a document may hold anything that fits there, which the one that reads refuses.`;
  return `${why} Two ways out: close the model (additionalProperties or unevaluatedProperties: false) in every version that writes, or check with policy LENIENT, which believes that writers send only members that they declare and marks the change as an accepted risk.`;
}

import { POLICIES, type Policy, type SchemeName, schemeName } from '#identifiers';
import { isDuration } from './formats/time.js';
import { invalid } from './problem.js';
import { isNode, type Node } from './source/text.js';

/** The keyword that names the scheme of an identifier. The only one of ours that judges; the others say what is known of a field. */
export const IDENTIFIER_KEYWORD = 'x-khidi-identifier';

/** How much protection a field or record needs, the least first. `special` are the categories of GDPR article 9. */
export const CLASSIFICATIONS = ['public', 'internal', 'personal', 'special'] as const;

/** Which identifiers stand at a place: those that begin with `prefix` follow `scheme` behind it. */
export interface IdentifierRule {
  readonly scheme: SchemeName;
  readonly prefix: string;
  readonly policy: Policy | undefined;
}

const PREFIX = 'x-khidi';
const MOST_WORDS = 2000;
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '' && value.length <= MOST_WORDS;
const LANGUAGE = /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$/;

/** What each keyword of the vocabulary may hold; schemas/meta publishes the same as a meta-schema. `x-khidi` itself is read elsewhere. */
const WORDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  [PREFIX]: () => true,
  [IDENTIFIER_KEYWORD]: (value) => identifierRules(value) !== undefined,
  'x-khidi-classification': (value) => CLASSIFICATIONS.some((known) => known === value),
  'x-khidi-law': isLaw,
  'x-khidi-text': isTranslations,
};

/** Throws SCHEMA_INVALID for a keyword that begins like ours and is not one of them, or whose value is not what it may hold. */
export function refuseForeignWords(schema: Node, at: string): void {
  for (const [keyword, value] of Object.entries(schema)) {
    if (!keyword.startsWith(PREFIX)) continue;
    const fits = Object.hasOwn(WORDS, keyword) ? WORDS[keyword] : undefined;
    if (fits?.(value) === true) continue;
    const what = fits === undefined ? 'is no keyword of the vocabulary' : 'has a value that the vocabulary does not allow';
    throw invalid(`${at}/${keyword} ${what}`, `${at}/${keyword}`, keyword);
  }
}

/** Reads the value of {@link IDENTIFIER_KEYWORD}; undefined where it is malformed, or one prefix hides another. */
export function identifierRules(value: unknown): readonly IdentifierRule[] | undefined {
  const rules = (Array.isArray(value) ? value : [value]).map(identifierRule);
  const known = rules.filter((rule) => rule !== undefined);
  if (known.length !== rules.length || known.length === 0) return undefined;
  const hides = (a: IdentifierRule, b: IdentifierRule) => a !== b && b.prefix.startsWith(a.prefix);
  return known.some((a) => known.some((b) => hides(a, b))) ? undefined : known;
}

function identifierRule(value: unknown): IdentifierRule | undefined {
  if (!isNode(value)) return undefined;
  const { scheme, prefix = '', policy, ...unknown } = value;
  const name = typeof scheme === 'string' ? schemeName(scheme) : undefined;
  const known = POLICIES.find((candidate) => candidate === policy);
  const fits = typeof prefix === 'string' && prefix.length <= 20 && (policy === undefined || known !== undefined);
  return name !== undefined && fits && Object.keys(unknown).length === 0 ? { scheme: name, prefix, policy: known } : undefined;
}

function isLaw(value: unknown): boolean {
  if (!isNode(value)) return false;
  const { basis, retention, ...unknown } = value;
  if (Object.keys(unknown).length > 0 || (basis === undefined && retention === undefined)) return false;
  return (basis === undefined || isText(basis)) && (retention === undefined || isDuration(String(retention)));
}

function isTranslations(value: unknown): boolean {
  if (!isNode(value)) return false;
  return Object.entries(value).every(([language, texts]) => {
    if (!LANGUAGE.test(language) || !isNode(texts)) return false;
    const { title, description, ...unknown } = texts;
    const given = [title, description].filter((text) => text !== undefined);
    return Object.keys(unknown).length === 0 && given.length > 0 && given.every(isText);
  });
}

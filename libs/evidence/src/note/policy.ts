import { cosignedAt } from './cosignature.js';
import type { SignatureLine } from './note.js';
import { type NoteKey, readVkey } from './note-key.js';

/** A witness of a policy. */
export interface Witness {
  readonly name: string;
  readonly key: NoteKey;
  readonly url?: string;
}

/** Which logs are trusted, and whose cosignatures make a checkpoint one to rely on (C2SP tlog-policy). */
export interface Policy {
  readonly logs: readonly { readonly key: NoteKey; readonly url?: string }[];
  readonly witnesses: readonly Witness[];
  /** Whether these witnesses, by name, are enough. */
  satisfied(by: ReadonlySet<string>): boolean;
}

/** The witnesses, by name, whose valid cosignature is among the lines, with its time in seconds since 1970. */
export function cosigners(policy: Policy, text: string, lines: readonly SignatureLine[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, key } of policy.witnesses) {
    for (const line of lines) {
      const at = cosignedAt(text, line, key);
      if (at !== undefined) found.set(name, Math.max(at, found.get(name) ?? 0));
    }
  }
  return found;
}

type Rule = (by: ReadonlySet<string>) => boolean;

interface Draft {
  readonly logs: { key: NoteKey; url?: string }[];
  readonly witnesses: Witness[];
  readonly rules: Map<string, Rule>;
  readonly members: Set<string>;
  quorum?: Rule;
}

/** Reads a policy file, or gives every mistake with its line number. */
export function readPolicy(text: string): { readonly policy: Policy } | { readonly mistakes: readonly string[] } {
  const draft: Draft = { logs: [], witnesses: [], rules: new Map(), members: new Set() };
  const mistakes: string[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#') === true) continue;
    const mistake = readLine(draft, words);
    if (mistake !== undefined) mistakes.push(`line ${i + 1}: ${mistake}`);
  }
  const { logs, witnesses, quorum } = draft;
  if (quorum === undefined) mistakes.push('there is no quorum line');
  return quorum === undefined || mistakes.length > 0 ? { mistakes } : { policy: { logs, witnesses, satisfied: quorum } };
}

function readLine(draft: Draft, [word = '', ...rest]: readonly string[]): string | undefined {
  switch (word) {
    case 'log':
      return readLog(draft, rest);
    case 'witness':
      return readWitness(draft, rest);
    case 'group':
      return readGroup(draft, rest);
    case 'quorum':
      return readQuorum(draft, rest);
    default:
      return 'begins with none of log, witness, group, quorum';
  }
}

function readLog({ logs }: Draft, [vkey = '', url, more]: readonly string[]): string | undefined {
  const key = readVkey(vkey);
  if (key?.type !== 'note' || more !== undefined) return 'is not: log <vkey> [<url>]';
  if (logs.some((log) => samePublicKey(log.key, key))) return 'names a key twice';
  logs.push({ key, ...(url === undefined ? {} : { url }) });
  return undefined;
}

function readWitness({ witnesses, rules }: Draft, [name = '', vkey = '', url, more]: readonly string[]): string | undefined {
  const key = readVkey(vkey);
  if (key?.type !== 'cosignature' || more !== undefined) return 'is not: witness <name> <vkey> [<url>]';
  if (name === 'none' || rules.has(name)) return 'gives a name twice';
  if (witnesses.some((witness) => samePublicKey(witness.key, key))) return 'names a key twice';
  witnesses.push({ name, key, ...(url === undefined ? {} : { url }) });
  rules.set(name, (by) => by.has(name));
  return undefined;
}

function readGroup({ rules, members }: Draft, [name = '', count = '', ...names]: readonly string[]): string | undefined {
  if (name === '' || name === 'none' || rules.has(name)) return 'gives a name twice';
  const parts = names.map((member) => rules.get(member));
  const known = parts.filter((rule): rule is Rule => rule !== undefined);
  if (names.length === 0 || known.length < names.length) return 'names a member that no line before it defines';
  if (names.some((member) => members.has(member)) || new Set(names).size < names.length) return 'names a member a second time';
  const k = count === 'all' ? names.length : count === 'any' ? 1 : /^[1-9][0-9]*$/.test(count) ? Number(count) : 0;
  if (k < 1 || k > names.length) return 'asks for another number of members than it has';
  for (const member of names) members.add(member);
  rules.set(name, (by) => known.filter((rule) => rule(by)).length >= k);
  return undefined;
}

function readQuorum(draft: Draft, [name = '', more]: readonly string[]): string | undefined {
  const rule = name === 'none' ? () => true : draft.rules.get(name);
  if (rule === undefined || more !== undefined) return 'names no witness or group of a line before it';
  if (draft.quorum !== undefined) return 'is a second quorum line';
  draft.quorum = rule;
  return undefined;
}

const samePublicKey = (one: NoteKey, other: NoteKey): boolean => one.publicKey.equals(other.publicKey);

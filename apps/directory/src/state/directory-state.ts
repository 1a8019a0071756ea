import type { Table } from '#stream';
import type { AgreementRecord, Kind, Kinds, MemberRecord, PurposeRecord, VersionRecord } from './records.js';

const KINDS: readonly string[] = ['member', 'purpose', 'agreement', 'version'] satisfies Kind[];

/** Everything that is in force, as the topic `directory` has it. Only the one fenced writer of the directory writes there. */
export class DirectoryState {
  readonly #records = new Map<string, unknown>();

  constructor(table: Pick<Table, 'entries' | 'onChange'>) {
    table.onChange((key, value) => this.#take(key, value));
    for (const [key, value] of table.entries()) this.#take(key, value);
  }

  member(id: string): MemberRecord | undefined {
    return this.#get('member', id);
  }
  agreement(id: string): AgreementRecord | undefined {
    return this.#get('agreement', id);
  }
  purpose(id: string): PurposeRecord | undefined {
    return this.#get('purpose', id);
  }
  version(): VersionRecord | undefined {
    return this.#get('version', 'current');
  }

  members(): readonly MemberRecord[] {
    return this.#all('member');
  }
  agreements(): readonly AgreementRecord[] {
    return this.#all('agreement');
  }
  purposes(): readonly PurposeRecord[] {
    return this.#all('purpose');
  }

  #get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
    return this.#records.get(keyOf(kind, id)) as Kinds[K] | undefined;
  }

  /** In order of their ids. */
  #all<K extends 'member' | 'purpose' | 'agreement'>(kind: K): readonly Kinds[K][] {
    const keys = [...this.#records.keys()].filter((key) => key.startsWith(`${kind}:`)).sort();
    return keys.map((key) => this.#records.get(key) as Kinds[K]);
  }

  #take(key: string, value: Buffer | undefined): void {
    if (value === undefined) this.#records.delete(key);
    else if (KINDS.includes(key.slice(0, key.indexOf(':')))) this.#records.set(key, JSON.parse(value.toString('utf8')));
  }
}

/** The key of a record on the topic. */
export const keyOf = (kind: Kind, id: string): string => `${kind}:${id}`;

import { ClassicLevel } from 'classic-level';
import { FaultError } from '#faults';
import type { ContentUrn, SubsystemId } from '#record';

/** One content that is kept. Times are milliseconds since 1970. */
export interface KeptContent {
  readonly size: number;
  readonly at: number;
  /** The subsystems that put it here, which alone may name it in records. */
  readonly owners: readonly SubsystemId[];
  /** Until when it is kept, since records name it; absent: none does yet. */
  readonly until?: number;
}

/** Which record names a content. `key` is that of the record on its ingress topic: an HMAC, which says nothing of the subject. */
export interface NamedBy {
  readonly source: string;
  readonly id: string;
  readonly key: string;
}

/** A record that names a content, and until when it is kept for that. */
export interface Naming extends NamedBy {
  readonly content: ContentUrn;
  readonly until: number;
}

const CONTENT = 'c|';
const NAMING = 'n|';
const END = '\uffff';

/** What is kept in the folder of contents, in LevelDB. All contents are in memory as well; who names them is on the disk alone. */
export class ContentIndex {
  private constructor(
    private readonly level: ClassicLevel,
    private readonly contents: Map<ContentUrn, KeptContent>,
  ) {}

  /** Opens the index in `folder` or makes it. Throws SETTINGS_INVALID where another process has it open. */
  static async open(folder: string): Promise<ContentIndex> {
    const level = new ClassicLevel(folder, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
    await level.open().catch((cause: unknown) => {
      throw new FaultError('SETTINGS_INVALID', `the index in ${folder} cannot be opened: another process has it`, { cause });
    });
    const contents = new Map<ContentUrn, KeptContent>();
    for await (const [key, value] of level.iterator({ gte: CONTENT, lt: CONTENT + END }))
      contents.set(key.slice(CONTENT.length) as ContentUrn, JSON.parse(value) as KeptContent);
    return new ContentIndex(level, contents);
  }

  get(content: ContentUrn): KeptContent | undefined {
    return this.contents.get(content);
  }

  entries(): IterableIterator<[ContentUrn, KeptContent]> {
    return this.contents.entries();
  }

  get size(): number {
    return this.contents.size;
  }

  /** Keeps a content, or another owner of one. Resolves once that is on the disk. */
  async put(content: ContentUrn, owner: SubsystemId, size: number, at: number): Promise<void> {
    const known = this.contents.get(content) ?? { size, owners: [], at };
    const owners = known.owners.includes(owner) ? known.owners : [...known.owners, owner];
    const kept = { ...known, owners, at }; // the time until a record must name it begins anew
    this.contents.set(content, kept);
    await this.level.put(CONTENT + content, JSON.stringify(kept), { sync: true });
  }

  /** Remembers that records name contents. Resolves once that is on the disk. */
  async name(namings: readonly Naming[]): Promise<void> {
    const batch = this.level.batch();
    for (const naming of namings) {
      const { content, source, id, until } = naming;
      const kept = this.contents.get(content);
      if (kept === undefined) continue;
      const longer = { ...kept, until: Math.max(kept.until ?? 0, until) };
      this.contents.set(content, longer);
      batch.put(CONTENT + content, JSON.stringify(longer));
      batch.put(namingKey(content, source, id), JSON.stringify(naming));
    }
    await batch.write({ sync: true });
  }

  /** Forgets the namings that `isGone` tells of, and gives the contents that nothing names any more. */
  async unname(isGone: (by: NamedBy) => boolean): Promise<readonly ContentUrn[]> {
    const batch = this.level.batch();
    const lost = new Set<ContentUrn>();
    const named = new Map<ContentUrn, number>();
    for await (const [key, value] of this.level.iterator({ gte: NAMING, lt: NAMING + END })) {
      const naming = JSON.parse(value) as Naming;
      if (isGone(naming)) {
        batch.del(key);
        lost.add(naming.content);
      } else named.set(naming.content, Math.max(named.get(naming.content) ?? 0, naming.until));
    }
    for (const content of lost) {
      const kept = this.contents.get(content);
      const until = named.get(content);
      if (kept === undefined || until === undefined) continue;
      this.contents.set(content, { ...kept, until });
      batch.put(CONTENT + content, JSON.stringify({ ...kept, until }));
    }
    await batch.write({ sync: true });
    return [...lost].filter((content) => !named.has(content));
  }

  /** Forgets a content and who named it. */
  async drop(content: ContentUrn): Promise<void> {
    this.contents.delete(content);
    const batch = this.level.batch();
    batch.del(CONTENT + content);
    const begin = `${NAMING}${content}|`;
    for await (const key of this.level.keys({ gte: begin, lt: begin + END })) batch.del(key);
    await batch.write({ sync: true });
  }

  close(): Promise<void> {
    return this.level.close();
  }
}

const namingKey = (content: string, source: string, id: string): string => `${NAMING}${content}|${JSON.stringify([source, id])}`;

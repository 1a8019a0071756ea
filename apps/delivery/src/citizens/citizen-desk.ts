import { sha256Digest } from '#canonical';
import { FaultError } from '#faults';
import { type RecordType, type Registry, registryOf } from '#record';
import type { AuditLines } from './audit-lines.js';
import type { FollowHandovers } from './follow-handovers.js';
import type { Names } from './names.js';
import type { PseudonymKeeper } from './pseudonym-keeper.js';
import type { UsageIndex, UsagePage } from './usage-index.js';

/** What the desk works with. */
export interface CitizenDeskParts {
  /** Undefined where no index is kept. */
  readonly handovers: Pick<FollowHandovers, 'index'> | undefined;
  readonly keeper: PseudonymKeeper;
  readonly audit: Pick<AuditLines, 'write'>;
  readonly names: Names;
  /** The record types whose identifier is a person's. */
  readonly types: readonly RecordType[];
  readonly now: () => Date;
}

/** Who asks whose usage. Identifiers as in the record or in X-Road's form, `EE80001010010`; times in milliseconds since 1970. */
export interface UsageQuestion {
  /** The caller of the door. */
  readonly by: string;
  /** The person who asks, where there is one. */
  readonly asker?: string;
  readonly userCode: string;
  readonly type?: RecordType;
  readonly why?: string;
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly limit: number;
}

/** One entry in the words of Estonia's Data Tracker. */
export interface Usage {
  readonly logtime: string;
  readonly action: string;
  readonly receiverCode: string;
  readonly receiverName?: string;
  readonly receiverSystem: string;
}

/** Answers who received the data of a person, and leaves a line in the evidence log each time. */
export class CitizenDesk {
  constructor(private readonly parts: CitizenDeskParts) {}

  /**
   * The deliveries of records about a person, the newest first; those that an agreement does not disclose yet are neither shown nor counted. The
   * audit line names nobody: it holds a digest of the pseudonym, which whoever knows the person can compare. Throws
   * USAGE_INDEX_OFF, USAGE_INDEX_UNAVAILABLE, PSEUDONYMS_UNAVAILABLE, DOOR_PARAMETER for a type that is not about
   * persons, and STREAM_UNAVAILABLE where the line cannot be written: then nothing is answered.
   */
  async findUsage(question: UsageQuestion): Promise<{ readonly totalUsages: number; readonly usages: readonly Usage[] }> {
    const { by, asker, userCode, type, why, from, to, offset, limit } = question;
    const index = this.index();
    const types = type === undefined ? this.parts.types : this.parts.types.filter((known) => known === type);
    if (types.length === 0) throw new FaultError('DOOR_PARAMETER', 'the type is not about persons');
    const registries = [...new Set(types.map(registryOf))];
    const asked = asker === undefined ? [userCode] : [userCode, asker];
    const [person, who] = await this.parts.keeper.pseudonyms(asked.map(asInRecords), registries);
    const subjects = [...(person ?? new Map<Registry, string>())].map(([registry, one]) => `urn:khidi:${registry}:${one}`);
    const now = this.parts.now();
    const self = who === undefined ? undefined : registries.every((registry) => who.get(registry) === person?.get(registry));
    const [{ total, entries }] = await Promise.all([
      ask(index.find({ subjects, types, from, to, now: now.getTime(), offset, limit })),
      this.parts.audit.write({
        kind: 'export',
        at: now.toISOString(),
        by,
        action: `citizen.usage ${types.join(',')}${self === undefined ? '' : self ? ' by the person' : ' by another person'}`,
        before: sha256Digest(Buffer.from(subjects.join('\n'))),
        ...(why === undefined ? {} : { why }),
      }),
    ]);
    return { totalUsages: total, usages: entries.map((entry) => this.shown(entry)) };
  }

  /** Since when entries are kept; now, where there is none. Throws like {@link findUsage}. */
  async usagePeriod(): Promise<{ readonly periodStart: string }> {
    const oldest = await ask(this.index().oldest());
    return { periodStart: new Date(oldest ?? this.parts.now().getTime()).toISOString() };
  }

  /** Whether questions would be answered. */
  async heartbeat(): Promise<{ readonly status: 'OK' | 'FAIL'; readonly message?: string }> {
    try {
      await this.usagePeriod();
      return { status: 'OK' };
    } catch (error) {
      if (error instanceof FaultError) return { status: 'FAIL', message: error.code };
      throw error;
    }
  }

  private index(): UsageIndex {
    if (this.parts.handovers === undefined) throw new FaultError('USAGE_INDEX_OFF');
    return this.parts.handovers.index();
  }

  private shown({ at, type, consumer, purpose }: UsagePage['entries'][number]): Usage {
    const { names } = this.parts;
    const receiverName = names.member(consumer);
    return {
      logtime: new Date(at).toISOString(),
      action: `${names.purpose(purpose) ?? purpose}: ${type}`,
      receiverCode: consumer.slice(0, consumer.lastIndexOf('/')),
      ...(receiverName === undefined ? {} : { receiverName }),
      receiverSystem: names.system(consumer) ?? consumer,
    };
  }
}

/** X-Road writes the country right before the number, records write a hyphen between. */
const asInRecords = (code: string): string => code.replace(/^([A-Z]{2})(?=[A-Z0-9])/, '$1-');

/** The message of a database might name the server. */
async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch {
    throw new FaultError('USAGE_INDEX_UNAVAILABLE', 'the database does not answer');
  }
}

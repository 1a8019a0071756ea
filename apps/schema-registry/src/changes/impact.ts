import { FaultError } from '#faults';
import { type Agreement, inForce } from '#policy';
import { type MemberId, readIngressTopic, type SubsystemId } from '#record';
import { type StreamAdmin, type TopicPlan, topicsOf } from '#stream';
import { RegistryError } from '../registry-error.js';

/** Who feels it when a subject changes. What cannot be known here is `unknown`, with the reason; it never means nobody. */
export interface SeenImpact {
  readonly days: number;
  /** Members that sent records of this type in these days, accepted or not: counted by their ingress topics, whose content is not read. */
  readonly publishers: readonly Publisher[] | 'unknown';
  /** Systems that an agreement in force entitles to these records. */
  readonly consumers: readonly Consumer[] | 'unknown';
  readonly reasons: readonly string[];
}

interface Publisher {
  readonly member: MemberId;
  /** About so many: where a member writes in transactions of its own, their markers count as well. */
  readonly records: number;
}

interface Consumer {
  readonly system: SubsystemId;
  readonly agreement: string;
  readonly until: string;
}

/** What impact is seen from. */
export interface ImpactParts {
  readonly admin: Pick<StreamAdmin, 'offsetsSince'>;
  /** The topics that there are now; undefined where there is no road. */
  readonly plan: () => TopicPlan | undefined;
  /** All agreements of the directory; undefined where none is followed. Throws while it has no valid configuration. */
  readonly agreements: (() => readonly Agreement[]) | undefined;
  readonly now: () => Date;
}

/** Ingress topics keep their records for so long. */
export const MOST_DAYS = 30;
export const USUAL_DAYS = 7;
const DAY_MS = 86_400_000;

/** Says who publishes with a subject and who consumes it. */
export class Impact {
  constructor(private readonly parts: ImpactParts) {}

  /** Throws 42201 for days that are not 1 to 30. */
  async of(subject: string, days = USUAL_DAYS): Promise<SeenImpact> {
    if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
      throw new RegistryError(42201, `days is a number from 1 to ${MOST_DAYS}, as long as ingress topics keep records.`);
    const reasons: string[] = [];
    const unknown = (why: string): 'unknown' => {
      reasons.push(why);
      return 'unknown';
    };
    const publishers = await this.publishers(subject, days, unknown);
    return { days, publishers, consumers: this.consumers(subject, unknown), reasons };
  }

  private async publishers(
    subject: string,
    days: number,
    unknown: (why: string) => 'unknown',
  ): Promise<SeenImpact['publishers']> {
    const plan = this.parts.plan();
    if (plan === undefined) return unknown('publishers: no road uses this registry');
    const since = this.parts.now().getTime() - days * DAY_MS;
    try {
      const found = await Promise.all(
        topicsOf(plan, 'ingress').map(async (topic) => {
          const of = readIngressTopic(topic);
          if (of === undefined || of.type !== subject) return [];
          const records = await this.count(topic, since);
          return records === 0 ? [] : [{ member: of.member, records }];
        }),
      );
      return found.flat().sort((a, b) => b.records - a.records);
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      return unknown(`publishers: Kafka does not tell (${error.code})`);
    }
  }

  /** A topic that is planned and not there yet holds nothing. */
  private async count(topic: string, since: number): Promise<number> {
    try {
      const counts = await this.parts.admin.offsetsSince(topic, since);
      return Number([...counts.values()].reduce((sum, one) => sum + one, 0n));
    } catch (error) {
      if (error instanceof FaultError && error.code === 'STREAM_TOPIC_MISSING') return 0;
      throw error;
    }
  }

  private consumers(subject: string, unknown: (why: string) => 'unknown'): SeenImpact['consumers'] {
    const { agreements, now } = this.parts;
    if (agreements === undefined) return unknown('consumers: no directory is followed (KHIDI_CONFIGURATION_ANCHOR)');
    try {
      return agreements().flatMap((agreement) => {
        const terms = inForce(agreement, now().getTime())?.terms;
        return terms?.type === subject ? [{ system: terms.consumer, agreement: agreement.id, until: terms.until }] : [];
      });
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      return unknown(`consumers: the directory's configuration is not to be had (${error.code})`);
    }
  }
}

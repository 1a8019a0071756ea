import type { SealingKeys } from '#consumer';
import { type FaultCode, FaultError } from '#faults';
import { FewAtOnce } from '#http';
import { decodeLoadMark, deliveryTopic, HEADER, isLoadMark, type LoadMark, type ReceivedRecord, type SubsystemId } from '#record';
import type { FetchedRun, StreamClient } from '#stream';
import type { Lanes } from '../lanes/lanes.js';
import type { PolicySource } from '../policy-source.js';
import { readUntil } from '../read-until.js';
import { examineDelivery } from '../sealed/examine-delivery.js';
import type { Decisions } from '../state/decisions.js';
import { bytesUnder } from '../steps/bytes-under.js';
import { type LaneName, type Ruling, rule } from '../steps/rule.js';
import { readCursor, writeCursor } from './cursor.js';

/** What fetching takes. */
export interface PullParts {
  readonly client: Pick<StreamClient, 'transport' | 'admin'>;
  readonly policy: PolicySource;
  readonly decisions: Decisions;
  readonly keys: SealingKeys;
  readonly lanes: Pick<Lanes, 'open'>;
  readonly now: () => Date;
}

/** One delivery as it is fetched. `envelope` is the compact JWS, or the compact JWE around it; `cursor` stands behind it. */
export interface PulledDelivery {
  readonly number: number;
  /** The subsystem whose record it is. */
  readonly agency: SubsystemId;
  readonly agreement: string;
  readonly purpose: string;
  /** Of one that had been delivered before: the id of the replay that brings it again. */
  readonly replay?: string;
  /** Of one that is part of an initial load: the id of the load. */
  readonly load?: string;
  readonly envelope: string;
  /** Where the consumer has pseudonyms of its own: whose record it is. */
  readonly subject?: string;
  /** Where a receipt is asked for: within how long. */
  readonly receipt?: string;
  readonly cursor: string;
  /** When it was handed over (RFC 3339). */
  readonly at: string;
}

export interface Page {
  readonly deliveries: readonly PulledDelivery[];
  /** Where the next page begins. */
  readonly next: string;
  /** Where an initial load was complete among them: all up to the number `through` came before. */
  readonly loaded?: LoadMark;
}

export interface PageQuery {
  /** Absent: after what was acknowledged. */
  readonly after?: string;
  readonly max: number;
  /** How long to wait for the first delivery, in milliseconds. */
  readonly waitMs: number;
}

/** A page is cut before it grows larger, in bytes of envelopes; one delivery always fits. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** How many pages one consumer may wait for at once, by whatever door: each holds a connection to Kafka. */
const MOST_OPEN = 8;

/** Deliveries for consumers that fetch them. What is on a consumer's topic is given only while it may still have it. */
export class PullDesk {
  private readonly few = new FewAtOnce(MOST_OPEN, 'pages');
  /** By lane: the end of the acknowledgements under way. */
  private readonly acknowledging = new Map<string, Promise<void>>();

  constructor(private readonly parts: PullParts) {}

  /**
   * The deliveries behind a cursor, oldest first; empty where none came in time or `gone` was aborted. Throws DOOR_CURSOR, DOOR_NOT_FOUND
   * where the consumer has no agreement on the type, DOOR_UNAVAILABLE where it waits for many already, the fault of the policy where it may
   * not have the first of them, and the fault of the configuration.
   */
  page(lane: LaneName, query: PageQuery, gone: AbortSignal): Promise<Page> {
    return this.few.run(lane.consumer, () => this.pageOf(lane, query, gone));
  }

  private async pageOf(lane: LaneName, { after, max, waitMs }: PageQuery, gone: AbortSignal): Promise<Page> {
    const topic = this.topicOf(lane);
    const from = after === undefined ? this.acknowledged(lane) : readCursor(topic, after);
    if (from === undefined) throw new FaultError('DOOR_CURSOR');
    const found = await this.read(topic, from, max, waitMs, gone);
    const given: PulledDelivery[] = [];
    let next = found.next;
    let loaded: LoadMark | undefined;
    for (const record of found.records) {
      if (isLoadMark(record)) {
        loaded = decodeLoadMark(record.value) ?? loaded;
        continue;
      }
      const judged = this.judge(lane, record);
      if (typeof judged === 'string') {
        if (given.length === 0) throw new FaultError(judged);
        next = BigInt(record.offset);
        break;
      }
      given.push(shown(topic, record, judged));
    }
    return { deliveries: given, next: writeCursor(topic, next), ...(loaded === undefined ? {} : { loaded }) };
  }

  /** Remembers that everything before a cursor arrived: a page without `after` begins there. Throws like {@link page}. */
  async acknowledge(lane: LaneName, through: string): Promise<void> {
    const offset = readCursor(this.topicOf(lane), through);
    if (offset === undefined) throw new FaultError('DOOR_CURSOR');
    const key = pullKey(lane);
    // One after another: an older one that comes while a newer one is being written must find it.
    const before = this.acknowledging.get(key) ?? Promise.resolve();
    const own = before.catch(() => undefined).then(() => this.remember(lane, offset));
    this.acknowledging.set(key, own);
    await own.finally(() => {
      if (this.acknowledging.get(key) === own) this.acknowledging.delete(key);
    });
  }

  private async remember(lane: LaneName, offset: bigint): Promise<void> {
    if (offset <= this.acknowledged(lane)) return; // an older one takes nothing back
    await this.parts.decisions.commit({
      key: pullKey(lane),
      value: Buffer.from(JSON.stringify({ next: String(offset) })),
      records: [],
    });
  }

  private acknowledged(lane: LaneName): bigint {
    const value = this.parts.decisions.get(pullKey(lane));
    if (value === undefined) return 0n;
    try {
      return BigInt((JSON.parse(value.toString('utf8')) as { next: string }).next);
    } catch (cause) {
      throw new FaultError('DELIVERY_STATE_UNREADABLE', pullKey(lane), { cause });
    }
  }

  private topicOf({ consumer, type }: LaneName): string {
    const source = this.parts.policy.current();
    if ('fault' in source) throw new FaultError(source.fault);
    const topic = deliveryTopic(consumer, type);
    if (!this.parts.lanes.open().some(({ name }) => name.consumer === consumer && name.type === type))
      throw new FaultError('DOOR_NOT_FOUND', topic);
    return topic;
  }

  /** How the record may leave, or why it may not now. */
  private judge(lane: LaneName, record: ReceivedRecord): Permit | FaultCode {
    const { policy, keys, now } = this.parts;
    const source = policy.current();
    if ('fault' in source) return source.fault;
    const item = examineDelivery(record, keys.current(), now());
    if ('fault' in item) return item.fault;
    const ruling = rule(source, lane, item.content, now().getTime());
    return ruling.kind === 'deliver'
      ? { agency: item.content.agency, ruling }
      : (ruling.faults[0]?.code ?? 'POLICY_NO_AGREEMENT');
  }

  /** Reads until there is a page, or nothing more at once, or the time is over. */
  private async read(topic: string, from: bigint, max: number, waitMs: number, gone: AbortSignal) {
    const records: ReceivedRecord[] = [];
    let next = from;
    let bytes = 0;
    let counted = 0;
    const [end] = await this.parts.client.admin.endOffsets(topic);
    const readable = BigInt(end?.end ?? '0');
    let full = false;
    let waited = waitMs === 0;
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const look = (): void => {
      if (full || (next >= readable && (records.length > 0 || waited))) finish();
    };
    const waiting = setTimeout(() => {
      waited = true;
      look();
    }, waitMs);
    const patience = setTimeout(finish, waitMs + LONGEST_READ_MS);
    gone.addEventListener('abort', finish);
    if (gone.aborted) finish();
    look();
    const take = (run: FetchedRun): void => {
      for (const record of full ? [] : run.records) {
        bytes += record.value?.length ?? 0;
        // A mark says something of the deliveries and is none.
        full = counted >= max || (records.length > 0 && bytes > PAGE_BYTES);
        if (full) break;
        records.push(record);
        if (!isLoadMark(record)) counted += 1;
        next = BigInt(record.offset) + 1n;
      }
      if (!full && run.next > next) next = run.next;
      look();
    };
    try {
      await readUntil(this.parts.client.transport, { topic, partition: 0, from }, take, finished);
    } finally {
      clearTimeout(waiting);
      clearTimeout(patience);
      gone.removeEventListener('abort', finish);
    }
    return { records, next };
  }
}

/** What is there already is read, however slow the broker is, up to this long. */
const LONGEST_READ_MS = 10_000;

const pullKey = ({ consumer, type }: LaneName): string => `pull|${consumer}|${type}`;

/** Whose record it is, and under what it leaves. */
interface Permit {
  readonly agency: SubsystemId;
  readonly ruling: Extract<Ruling, { kind: 'deliver' }>;
}

function shown(topic: string, { headers, value, offset, timestamp }: ReceivedRecord, { agency, ruling }: Permit): PulledDelivery {
  const text = (name: string): string => String(headers[name] ?? '');
  return {
    number: Number(text(HEADER.number)),
    agency,
    agreement: text(HEADER.agreement),
    purpose: text(HEADER.purpose),
    ...(headers[HEADER.replay] === undefined ? {} : { replay: text(HEADER.replay) }),
    ...(headers[HEADER.load] === undefined ? {} : { load: text(HEADER.load) }),
    ...(headers[HEADER.receipt] === undefined ? {} : { receipt: text(HEADER.receipt) }),
    ...(ruling.subject === undefined ? {} : { subject: ruling.subject }),
    envelope: bytesUnder(value ?? Buffer.alloc(0), ruling).toString('latin1'),
    cursor: writeCursor(topic, BigInt(offset) + 1n),
    at: new Date(timestamp).toISOString(),
  };
}

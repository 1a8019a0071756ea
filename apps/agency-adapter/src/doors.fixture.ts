import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSealingKey, type KeySet, publishedKey, readKeySet, type Signer, softwareSigner } from '#envelope';
import { FaultError } from '#faults';
import { newSecret, type RunningService, runService } from '#http';
import { type Member, type MemberId, type OutgoingRecord, type Position, readMembership } from '#record';
import { LocalQuotas } from '#seen';
import { createLogger, createMetrics } from '#telemetry';
import { adapterModule } from './agency-adapter.module.js';
import { CallerGate } from './caller-gate.js';
import { ContentStore } from './contents/content-store.js';
import { keepNamed } from './contents/keep-named.js';
import { SpentPermits } from './contents/spent-permits.js';
import { openFastLane } from './fast-lane.js';
import { handOver } from './hand-over.js';
import { limitHttp } from './http-limits.js';
import { Lifecycle } from './lifecycle.js';
import { readMapping } from './mapping/mapping-file.js';
import type { Parts } from './parts.js';
import { limited, readQuota } from './quota.js';
import { ingressForm } from './steps/ingress-record.js';
import { OutcomeStore } from './store/outcome-store.js';

/** A publisher in memory that can be told to fail, to hang, or to let a test look at each send. */
export class MemoryPublisher {
  readonly records: OutgoingRecord[] = [];
  /** What the next calls do, one each; empty: they succeed. */
  readonly plans: ('away' | Promise<void>)[] = [];

  async publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]> {
    const plan = this.plans.shift();
    if (plan === 'away') throw new FaultError('STREAM_UNAVAILABLE');
    await plan;
    return records.map((record) => ({ topic: record.topic, partition: 0, offset: String(this.records.push(record) - 1) }));
  }
}

/** The doors of one member with two subsystems over a publisher in memory, on a free port. */
export interface Doors {
  readonly service: RunningService;
  readonly publisher: MemoryPublisher;
  readonly store: OutcomeStore;
  readonly contents: ContentStore;
  /** Delivery's key for permits, which these doors know. */
  readonly permits: Signer;
  readonly logs: string[];
  readonly secrets: Readonly<Record<'base-registry' | 'other', string>>;
  /** As new: nothing published, stored, planned or logged. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** What the doors keep of contents at most, in bytes. */
export const MOST_BYTES = 16 * 1024 * 1024;
const TOTAL_BYTES = 4 * MOST_BYTES;
export const OPERATOR = 'GE/GOV/0001' as MemberId;

/** A key of the operator for permits, and the set that names it. */
export function permitKey(): { readonly signer: Signer; readonly keys: KeySet } {
  const key = { ...generateSealingKey(new Date(Date.now() - 60_000)), purpose: 'permits' as const };
  return { signer: softwareSigner(key), keys: readKeySet({ keys: [publishedKey(key, OPERATOR)] }) };
}

export async function openDoors(lane: 'fast' | 'ordinary' = 'fast', quota = ''): Promise<Doors> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-doors-'));
  const lifecycle = new Lifecycle();
  const { store } = await OutcomeStore.open(join(folder, 'store'), 'test');
  const publisher = new MemoryPublisher();
  const [first, second] = [newSecret(), newSecret()];
  const logs: string[] = [];
  const log = createLogger('agency-adapter', 'debug', { write: (line) => logs.push(line) });
  const metrics = createMetrics('agency-adapter');
  const now = () => new Date();
  const mapping = readMapping('bodies', {
    recordType: 'organisation.public-body',
    schemaVersion: 1,
    op: 'created',
    record: { id: 'id', name: 'name != "" ? name' },
  });
  if ('mistakes' in mapping) throw new Error(mapping.mistakes.join());
  lifecycle.onClose(() => store.close());
  const callers = new Map([
    ['base-registry', [first.hash, newSecret().hash]],
    ['other', [second.hash]],
  ]);
  const rule = readQuota(quota, memberOf().id);
  const limits = { mostBytes: MOST_BYTES, totalBytes: TOTAL_BYTES, unnamedMs: 3_600_000, keptMs: () => 86_400_000 };
  const contents = await ContentStore.open(join(folder, 'contents'), Buffer.alloc(32, 9), limits, now);
  lifecycle.onClose(() => contents.close());
  const { signer: permits, keys } = permitKey();
  const known: { keys: KeySet } = { keys: new Map() };
  const refresh = async () => {
    known.keys = keys; // as of a file that was written after the start
  };
  const form = ingressForm(memberOf().id, Buffer.alloc(32, 7));
  const onTheRoad = handOver(form, undefined, publisher, store, metrics, log, now, lifecycle.stopping);
  const way = keepNamed(onTheRoad, contents, form);
  const parts: Parts = {
    member: memberOf(),
    gate: new CallerGate(memberOf(), () => callers, metrics, now, contents),
    contents: {
      store: contents,
      permits: new SpentPermits(memberOf().id, () => known.keys, now, refresh),
      metrics,
      log,
      windowMs: 400,
    },
    mappings: new Map([['bodies', mapping.mapping]]),
    ...(rule === undefined ? { handOver: way } : limited(way, rule, new LocalQuotas(), now)),
    store,
    outcomesTopic: 'outcomes.GE-GOV-7001',
    metrics,
    log,
    now,
    stopping: lifecycle.stopping,
  };
  const service = await runService({
    service: 'agency-adapter',
    module: adapterModule(parts, lifecycle),
    host: '127.0.0.1',
    port: 0,
    log,
    metrics,
    checks: {},
    configure: (app) => {
      limitHttp(app, metrics, lifecycle.stopping);
      if (lane === 'fast') openFastLane(app, parts);
    },
  });
  return {
    service,
    publisher,
    store,
    contents,
    permits,
    logs,
    secrets: { 'base-registry': first.secret, other: second.secret },
    reset: async () => {
      publisher.records.length = 0;
      publisher.plans.length = 0;
      logs.length = 0;
      await store.forget();
    },
    close: async () => {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function memberOf(): Member {
  const read = readMembership({
    operator: 'GE/GOV/0001',
    members: [
      {
        id: 'GE/GOV/7001',
        name: 'Test agency',
        subsystems: ['base-registry', 'other'],
        publishes: ['address.locality', 'organisation.public-body'],
      },
    ],
  });
  const member = 'membership' in read ? read.membership.members[0] : undefined;
  if (member === undefined) throw new Error('the fixture names no member');
  return member;
}

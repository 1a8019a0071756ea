import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultError } from '#faults';
import { newSecret, type RunningService, runService } from '#http';
import { type Member, type OutgoingRecord, type Position, readMembership } from '#record';
import { LocalQuotas } from '#seen';
import { createLogger, createMetrics } from '#telemetry';
import { adapterModule } from './agency-adapter.module.js';
import { CallerGate } from './caller-gate.js';
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
  readonly logs: string[];
  readonly secrets: Readonly<Record<'base-registry' | 'other', string>>;
  /** As new: nothing published, stored, planned or logged. */
  reset(): Promise<void>;
  close(): Promise<void>;
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
  const way = handOver(
    ingressForm(memberOf().id, Buffer.alloc(32, 7)),
    undefined,
    publisher,
    store,
    metrics,
    log,
    now,
    lifecycle.stopping,
  );
  const rule = readQuota(quota, memberOf().id);
  const parts: Parts = {
    member: memberOf(),
    gate: new CallerGate(memberOf(), () => callers, metrics, now),
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

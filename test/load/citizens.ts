import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { hashSecret, newSecret, runService } from '#http';
import type { RecordType, Registry } from '#record';
import { createLogger, createMetrics } from '#telemetry';
import { AuditLines } from '../../apps/delivery/src/citizens/audit-lines.js';
import { CitizenDesk } from '../../apps/delivery/src/citizens/citizen-desk.js';
import { CITIZEN_DOOR, CitizensController } from '../../apps/delivery/src/citizens/citizens.controller.js';
import { openUsage } from '../../apps/delivery/src/citizens/open-usage.js';
import type { UsageEntry } from '../../apps/delivery/src/citizens/usage-entries.js';
import { Decisions } from '../../apps/delivery/src/state/decisions.js';
import { pseudonymKeys } from '../../apps/validation/src/keys/pseudonym-keys.js';
import type { Instance } from '../instance/instance.js';
import { quantile, type Row, row } from './measure.js';

const ENTRIES = 100_000;
const CHUNK = 5000;
const QUESTIONS = 60;
const TYPE = 'population.person' as RecordType;
const PERSON = 'GE-90000000003';
const AIM = { name: 'aim', value: 200 };

/**
 * A page of 1,000 for a person with 100,000 entries among as many of others, over HTTP, with the pseudonym, the count of all and the audit
 * line in Kafka; from the PostgreSQL in this process.
 */
export async function benchCitizens(instance: Instance, tell: (text: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-bench-usage-'));
  const log = createLogger('bench', 'error');
  const now = () => new Date();
  const crash = (error: unknown): never => {
    throw error;
  };
  const decisions = new Decisions({ client: instance.client, topics: () => [], log, now, onFenced: crash });
  const keys = pseudonymKeys(Buffer.alloc(32, 1));
  const index = await openUsage(folder, undefined);
  const { secret } = newSecret();
  try {
    await decisions.open();
    const of = (identifier: string): string => keys.of('population' as Registry)(identifier);
    for (let from = 0; from < 2 * ENTRIES; from += CHUNK) {
      await index.add(entries(from, `urn:khidi:population:${of(PERSON)}`), BigInt(from + CHUNK));
      tell(`citizens: ${from} entries`);
    }
    await index.settle();
    const desk = new CitizenDesk({
      handovers: { index: () => index },
      keeper: {
        pseudonyms: async (identifiers, registries) =>
          identifiers.map((identifier) => new Map(registries.map((registry) => [registry, keys.of(registry)(identifier)]))),
      },
      audit: new AuditLines(decisions),
      names: { member: () => 'Pension Fund', system: () => 'Pensions', purpose: () => 'Granting pensions' },
      types: [TYPE],
      now,
    });
    class BenchModule {}
    const callers = () => new Map([['portal', [hashSecret(secret)]]]);
    const metrics = createMetrics('bench');
    const door = { desk, portals: callers, operators: () => new Map(), metrics };
    Module({ controllers: [CitizensController], providers: [{ provide: CITIZEN_DOOR, useValue: door }] })(BenchModule);
    const service = await runService({
      ...{ service: 'bench', module: BenchModule, host: '127.0.0.1', port: 0, log, metrics, checks: {} },
    });
    try {
      const rows: Row[] = [];
      for (const [name, offset] of [
        ['the first page', 0],
        ['the last page', ENTRIES - 1000],
      ] as const) {
        tell(`citizens: ${name}`);
        const took = await pages(`${service.url}/v2/findUsage?userCode=${PERSON}&offset=${offset}`, secret);
        rows.push(row(`citizens: ${name} of 100,000 entries, p50`, quantile(took, 0.5), 'ms', AIM));
        rows.push(row(`citizens: ${name} of 100,000 entries, p99`, quantile(took, 0.99), 'ms', AIM));
      }
      return rows;
    } finally {
      await service.close();
    }
  } finally {
    await decisions.close();
    await index.close();
    rmSync(folder, { recursive: true });
  }
}

/** Every second entry is that of the subject. */
function entries(from: number, subject: string): UsageEntry[] {
  return Array.from({ length: CHUNK }, (_, i) => ({
    ...{ pos: BigInt(from + i), nth: 0, at: 4_070_908_800_000 + from + i, shownFrom: 0, type: TYPE },
    ...{ consumer: 'GE/GOV/7002/pensions', purpose: 'pension', agreement: 'a1/1' },
    subject: i % 2 === 0 ? subject : `${subject.slice(0, -5)}${String(i % 10_000).padStart(5, '0')}`,
  }));
}

async function pages(url: string, secret: string): Promise<number[]> {
  const authorization = `Basic ${Buffer.from(`portal:${secret}`).toString('base64')}`;
  const took: number[] = [];
  for (let i = -5; i < QUESTIONS; i++) {
    const begun = performance.now();
    const answer = await fetch(url, { headers: { authorization, 'x-road-userid': PERSON } });
    const { totalUsages, usages } = (await answer.json()) as { totalUsages: number; usages: readonly unknown[] };
    if (totalUsages !== ENTRIES || usages.length !== 1000) throw new Error('the benchmark got another page');
    if (i >= 0) took.push(performance.now() - begun); // the first ones warm up
  }
  return took;
}

import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ReceivedRecord, Verdict } from '#record';
import { kafkaClient, OnRecords, RecordStream, type RecordStreamOptions, type TopicPlan } from '#stream';
import { createLogger, createMetrics } from '#telemetry';

const topic = (name: string, role: TopicPlan['topics'][number]['role'], partitions: number, config = {}) => ({
  name,
  role,
  partitions,
  config,
});

/** The topics of one relay: what it reads, what it writes, and where it keeps what it cannot handle. */
export function relayPlan(name: string): TopicPlan {
  return {
    messageMaxBytes: 2 * 1024 * 1024,
    topics: [
      topic(`${name}-in`, 'ingress', 3),
      topic(`${name}-out`, 'validated', 3),
      topic(`dead-letter.${name}`, 'dead-letter', 1),
    ],
  };
}

/** Copies key, value and headers to `to`. */
export const copyTo =
  (to: string) =>
  ({ key, value, headers }: ReceivedRecord): Verdict => ({
    kind: 'accepted',
    outputs: [{ topic: to, key: key ?? '', value, headers: headers as Record<string, Buffer> }],
  });

export interface Relay {
  readonly stream: RecordStream;
  /** What it has logged. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/** Starts a relay from `<name>-in` to `<name>-out` in this process. */
export async function startRelay(
  address: string,
  name: string,
  judge: (batch: readonly ReceivedRecord[]) => readonly Verdict[] = (batch) => batch.map(copyTo(`${name}-out`)),
  more: Partial<RecordStreamOptions> = {},
  onLine: (line: string) => void = () => undefined,
): Promise<Relay> {
  @Controller()
  class Edge {
    @OnRecords('ingress')
    async handle(batch: readonly ReceivedRecord[]): Promise<readonly Verdict[]> {
      return judge(batch);
    }
  }
  @Module({ controllers: [Edge] })
  class Root {}
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
    onLine(line);
  };
  const log = createLogger(name, 'debug', { write });
  const client = kafkaClient({ brokers: [address], clientId: name, log });
  const plan = relayPlan(name);
  const stream = new RecordStream({ service: name, client, plan, log, metrics: createMetrics(name), ...more });
  const app = await NestFactory.createMicroservice(Root, { strategy: stream, logger: false });
  await app.listen();
  return {
    stream,
    lines,
    async close() {
      await app.close();
      await client.close();
    },
  };
}

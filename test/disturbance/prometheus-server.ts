import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';
import type { Instance } from '../instance/instance.js';
import type { ServiceProcess } from '../instance/service-process.js';

/** One service that Prometheus asks. */
export interface Target {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface RunningPrometheus {
  readonly url: string;
  /** Asks one more. */
  add(target: Target): void;
  stop(): void;
}

/** A service as `npm run up` writes it down for Prometheus. */
export const targetOf = (kind: string, { url, command }: ServiceProcess, member?: string): Target => ({
  targets: [new URL(url).host],
  labels: { service: kind, instance: command.name, ...(member === undefined ? {} : { member }) },
});

/** All services of an instance. */
export const targetsOf = ({ registry, validation, signing, ledger, agencies }: Instance): readonly Target[] => [
  targetOf('schema-registry', registry),
  targetOf('validation', validation),
  targetOf('signing', signing),
  targetOf('ledger', ledger),
  ...agencies.map(({ adapter, member }) => targetOf('agency-adapter', adapter, member.id)),
];

/**
 * Starts a Prometheus with the project's own config and rules, in which only the file that names the targets is another; `change` may
 * make more of them another. Throws where it does not become ready within a minute.
 */
export async function startPrometheus(
  place: string,
  targets: readonly Target[],
  change: (text: string, file: 'config' | 'rules') => string = (text) => text,
): Promise<RunningPrometheus> {
  const folder = join(place, 'prometheus');
  mkdirSync(folder);
  const asked = [...targets];
  const writeTargets = (): void => writeFileSync(join(folder, 'targets.json'), JSON.stringify(asked));
  writeTargets();
  const config = readFileSync('deploy/prometheus/prometheus.yml', 'utf8')
    .replace('../../.khidi/prometheus-targets.json', join(folder, 'targets.json'))
    .replace('rules.yml', join(folder, 'rules.yml'));
  writeFileSync(join(folder, 'prometheus.yml'), change(config, 'config'));
  writeFileSync(join(folder, 'rules.yml'), change(readFileSync('deploy/prometheus/rules.yml', 'utf8'), 'rules'));
  const port = await getPort();
  const args = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const process: ChildProcess = spawn('prometheus', args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + 60_000; ; await pause(200)) {
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined); // not listening yet
    if (answer?.ok === true) {
      const add = (target: Target): void => {
        asked.push(target);
        writeTargets();
      };
      return { url, add, stop: () => void process.kill('SIGTERM') };
    }
    if (Date.now() > end) {
      process.kill('SIGKILL');
      throw new Error('prometheus did not become ready');
    }
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Instance } from '../instance/instance.js';
import type { Progress } from './measure.js';
import { hops } from './progress.js';

const VALIDATED = 'bench.validated';
const SEALED = 'bench.sealed';
const LOGGED = 'bench.logged';

/** The hops of the bare relay as processes: two like validation and signing, or a third one like the ledger. */
export class Relay {
  private readonly children: ChildProcess[] = [];

  constructor(
    private readonly instance: Instance,
    private readonly ingress: readonly string[],
    private readonly chunk: number,
    private readonly count: 2 | 3 = 2,
  ) {}

  /** Makes the relay's own topics, with as many partitions as the road's. */
  async prepare(): Promise<void> {
    const topic = (name: string) => ({ name, role: 'sealed' as const, partitions: 4, config: {} });
    await this.instance.client.admin.ensureTopics({
      topics: [VALIDATED, SEALED, LOGGED].map(topic),
      messageMaxBytes: 2_097_152,
    });
  }

  async start(): Promise<void> {
    const routes = [
      this.ingress.map((topic) => `${topic}=${VALIDATED}`).join(','),
      `${VALIDATED}=${SEALED}`,
      `${SEALED}=${LOGGED}`,
    ];
    for (const [i, route] of routes.slice(0, this.count).entries())
      this.children.push(await this.hop(`bench-relay-${i + 1}`, route));
  }

  progress(): Promise<Progress> {
    const later = [
      ['bench-relay-2', [VALIDATED]],
      ['bench-relay-3', [SEALED]],
    ] as const;
    return hops(this.instance, ['bench-relay-1', this.ingress], ...later.slice(0, this.count - 1));
  }

  get pids(): number[] {
    return this.children.map((child) => child.pid ?? 0);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.children.splice(0).map(async (child) => {
        const closed = once(child, 'close');
        child.kill('SIGTERM');
        await closed;
      }),
    );
  }

  private async hop(group: string, routes: string): Promise<ChildProcess> {
    const env = { PATH: process.env.PATH ?? '', BROKERS: this.instance.brokers, GROUP: group, ROUTES: routes };
    const child = fork(join(resolve('dist'), 'test', 'load', 'relay-process.js'), {
      env: { ...env, CHUNK: String(this.chunk) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'message');
    return child;
  }
}

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lastLines } from '../../../deploy/local/logs.js';
import { type ComposeService, checkOf, milliseconds, mountsOf, type Stage, waitsFor } from './compose.js';
import type { Image } from './image.js';
import { Network } from './network.js';
import { runIn, type Sandbox, startIn, stopped } from './sandbox.js';

/** How the images of others stand in here: their own user, what they see beside the volumes, and the command of their entry point. */
export interface ForeignImage {
  readonly user: number;
  readonly mounts: Sandbox['mounts'];
  readonly command: (service: ComposeService) => readonly string[];
}

export interface ByHandOptions {
  readonly folder: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly image: Image;
  /** By the name before the colon. */
  readonly foreign: Readonly<Record<string, ForeignImage>>;
  readonly tell: (line: string) => void;
}

interface Running {
  readonly number: number;
  readonly service: ComposeService;
  readonly sandbox: Sandbox;
  readonly log: string;
  child?: ChildProcess;
  /** Settles once it is in that stage; rejects where it will never be. */
  readonly stages: Readonly<Record<Stage, Promise<void>>>;
}

/** The user `node` of Node's own images. */
const NODE_USER = 1000;
const RESTARTS = 5;
const LOOPBACK_NAMES = '127.0.0.1 localhost\n';

/** Does what `compose up --wait` and `compose down` do with a file, one process for each service in namespaces of its own. Needs root and Linux. */
export class ComposeByHand {
  private readonly running = new Map<string, Running>();
  private ending = false;

  private constructor(
    private readonly options: ByHandOptions,
    private readonly network: Network,
  ) {}

  /** Resolves once every service is as far as its health check or its end tells. */
  static async up(options: ByHandOptions): Promise<ComposeByHand> {
    const byHand = new ComposeByHand(options, await Network.open(`khidi${process.pid}`));
    try {
      await byHand.start();
      return byHand;
    } catch (error) {
      await byHand.down();
      throw error;
    }
  }

  /** Runs a command as the image has it beside the service, in its network and with its volumes. Gives the exit code. */
  run(name: string, command: readonly string[], timeoutMs = 10_000): Promise<number> {
    const { sandbox } = this.of(name);
    return runIn(sandbox, this.rootOf(`${name}-beside`), command, timeoutMs);
  }

  logOf(name: string): string {
    return this.of(name).log;
  }

  /** SIGTERM for all, in the opposite order. Gives who did not end by itself with 0, and its exit code. */
  async down(): Promise<readonly (readonly [name: string, code: number | null])[]> {
    this.ending = true;
    const ends: [string, number | null][] = [];
    for (const [name, { child, service }] of [...this.running].reverse()) {
      if (child === undefined || child.exitCode !== null) continue;
      ends.push([name, await stopped(child, milliseconds(service.stop_grace_period ?? '10s'))]);
    }
    await this.network.close();
    return ends.filter(([, code]) => code !== 0);
  }

  private async start(): Promise<void> {
    const { services, folder } = this.options;
    const names = Object.keys(services);
    const hosts = join(folder, 'hosts');
    writeFileSync(hosts, LOOPBACK_NAMES + names.map((name, i) => `${Network.addressOf(i)} ${name}\n`).join(''));
    for (const [i, name] of names.entries()) await this.place(name, i, hosts);
    await Promise.all(
      [...this.running.values()].map(({ service, stages }) =>
        service.healthcheck === undefined ? stages.completed : stages.healthy,
      ),
    );
  }

  /** Makes the place of a service. It starts by itself once those are ready that it depends on. */
  private async place(name: string, number: number, hosts: string): Promise<void> {
    const { services, image, foreign, folder } = this.options;
    const service = services[name] as ComposeService;
    const [repository = ''] = service.image.split(':');
    const other = foreign[repository];
    const own = [{ inside: image.workdir, outside: image.folder, isReadOnly: true }];
    const sandbox: Sandbox = {
      network: await this.network.join(number),
      user: other?.user ?? NODE_USER,
      workdir: other === undefined ? image.workdir : '/',
      env: { PATH: process.env.PATH ?? '', ...(other === undefined ? image.env : {}), ...service.environment },
      mounts: [
        { inside: '/etc/hosts', outside: hosts, isReadOnly: true },
        ...(other?.mounts ?? own),
        ...mountsOf(service).map(({ volume, ...mount }) => ({
          ...mount,
          outside: this.volume(volume, mount.inside, other?.user),
        })),
      ],
    };
    const started = Promise.all(waitsFor(service).map(({ name: before, stage }) => this.stage(before, stage))).then(() =>
      this.launch(name),
    );
    const completed = started.then(() => this.ended(name));
    const healthy = started.then(() => this.healthy(name));
    for (const promise of [started, completed, healthy]) promise.catch(() => undefined); // whoever waits for it hears of it
    this.running.set(name, {
      number,
      service,
      sandbox,
      log: join(folder, `${name}.log`),
      stages: { started, completed, healthy },
    });
  }

  /** A volume takes over owner and mode of what lies there in the image that is first to use it. */
  private volume(name: string, inside: string, user = NODE_USER): string {
    const outside = join(this.options.folder, 'volumes', name);
    if (mkdirSync(outside, { recursive: true }) === undefined) return outside;
    const mode = this.options.image.folders.get(inside);
    chownSync(outside, mode === undefined ? user : NODE_USER, mode === undefined ? user : NODE_USER);
    chmodSync(outside, mode ?? 0o755);
    return outside;
  }

  private async stage(name: string, stage: Stage): Promise<void> {
    while (!this.running.has(name)) await pause(10); // it is placed a moment later
    await this.of(name).stages[stage];
  }

  private launch(name: string): void {
    if (this.ending) throw new Error('compose goes down');
    const { service, sandbox, log } = this.of(name);
    const [repository = ''] = service.image.split(':');
    const command = this.options.foreign[repository]?.command(service) ?? [
      ...this.options.image.entrypoint,
      ...(service.command ?? []),
    ];
    this.of(name).child = startIn(sandbox, this.rootOf(name), command, log);
    this.options.tell(`${name} starts`);
  }

  /** Once it has ended with 0. */
  private async ended(name: string): Promise<void> {
    const { child } = this.of(name);
    if (child === undefined) throw new Error(`${name} was not started`);
    const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number | null]) : [child.exitCode];
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${lastLines(this.of(name).log)}`);
    this.options.tell(`${name} is done`);
  }

  private async healthy(name: string): Promise<void> {
    const { service, log } = this.of(name);
    const { healthcheck } = service;
    if (healthcheck === undefined) return;
    let restarts = 0;
    for (let failures = 0; failures <= healthcheck.retries; failures += 1) {
      await pause(milliseconds(healthcheck.interval) / 5); // sooner than compose asks, so that the test takes less time
      if (this.ending) throw new Error('compose goes down');
      const { child } = this.of(name);
      if (child?.exitCode != null) {
        restarts += 1;
        if (service.restart !== 'on-failure' || restarts > RESTARTS) throw new Error(`${name} ended:\n${lastLines(log)}`);
        this.launch(name);
        continue;
      }
      if ((await this.run(name, checkOf(healthcheck), milliseconds(healthcheck.timeout))) === 0) {
        this.options.tell(`${name} is healthy`);
        return;
      }
    }
    throw new Error(`${name} did not become healthy:\n${lastLines(log)}`);
  }

  private rootOf(name: string): string {
    const folder = join(this.options.folder, 'roots', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  private of(name: string): Running {
    const running = this.running.get(name);
    if (running === undefined) throw new Error(`there is no service ${name}`);
    return running;
  }
}

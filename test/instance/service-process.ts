import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { onEnd } from './ends-with-us.js';

/** How to start one service of the instance under test. */
export interface ServiceCommand {
  readonly name: string;
  /** The compiled entry file. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly log: string;
  /** Options for Node itself, such as `--cpu-prof`. */
  readonly nodeArgs?: readonly string[];
}

/** A service that is started again whenever it ends, as a supervisor would, until `stop`. */
export class ServiceProcess {
  #child: ChildProcess | undefined;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();
  #nextEnv: Readonly<Record<string, string>> = {};
  /** How often it ended by SIGKILL, and how often by itself with an error. */
  killed = 0;
  failed = 0;
  /** How often it did not end with 0 although it was asked politely. */
  unclean = 0;

  constructor(readonly command: ServiceCommand) {
    onEnd(() => this.#child?.kill('SIGKILL'));
  }

  get url(): string {
    return `http://127.0.0.1:${this.command.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    this.#stopping = false;
    this.#running = this.#supervise();
  }

  /** SIGKILL now; the supervisor starts it again with `env` added (a crash point, for example). */
  kill(env: Readonly<Record<string, string>> = {}): void {
    this.#nextEnv = env;
    this.#child?.kill('SIGKILL');
  }

  /** Waits until `/health/ready` says yes. Throws after `seconds`. */
  async ready(seconds = 180): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      const answer = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      if (answer?.ok === true) return;
      await pause(100);
    }
    throw new Error(`${this.command.name} was not ready after ${seconds} s; see ${this.command.log}`);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child?.kill('SIGTERM');
    await this.#running;
  }

  async #supervise(): Promise<void> {
    while (!this.#stopping) {
      const env = this.#nextEnv;
      this.#nextEnv = {};
      const log = openSync(this.command.log, 'a', 0o600);
      const child = spawn(
        process.execPath,
        ['--enable-source-maps', ...(this.command.nodeArgs ?? []), this.command.entry, ...(this.command.args ?? [])],
        {
          env: { PATH: process.env.PATH ?? '', ...this.command.env, ...env },
          stdio: ['ignore', log, log],
        },
      );
      closeSync(log);
      this.#child = child;
      const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
        child.once('close', (exit, by) => resolve([exit, by]));
      });
      if (signal === 'SIGKILL') this.killed += 1;
      else if (code !== 0 && !this.#stopping) {
        this.failed += 1; // it could not start, because Kafka was away: what was meant for this start is meant for the next one
        if (Object.keys(this.#nextEnv).length === 0) this.#nextEnv = env;
      } else if (code !== 0) this.unclean += 1;
      if (!this.#stopping) await pause(200);
    }
  }
}

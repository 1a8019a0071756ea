import { type ChildProcess, fork } from 'node:child_process';
import { hash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  KEY_PURPOSES,
  type KeyCustody,
  type KeyDescription,
  type KeyPurpose,
  type Kid,
  type SignatureAlgorithm,
} from '#envelope';
import { FaultError } from '#faults';
import type { Secret } from '#settings';
import { SigningBatches } from '../signing-batches.js';
import { refused, unavailable } from '../unavailable.js';
import type { Numbered, TokenAnswer, TokenRequest } from './messages.js';
import type { TokenPlace } from './token.js';

interface Waiting {
  readonly resolve: (answer: TokenAnswer & { ok: true }) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export interface Pkcs11Options {
  readonly place: TokenPlace;
  readonly pin: Secret;
  /** How long an answer may take, in milliseconds. A library that takes longer hangs: its process is ended. Default: 5000. */
  readonly timeoutMs?: number;
  /** The helper process. Default: the one beside this file. */
  readonly helper?: string;
}

const HELPER = fileURLToPath(new URL('./token-process.js', import.meta.url));

/**
 * Keys on a PKCS #11 token (an HSM, SoftHSM, a smart card). The vendor's library runs in a helper process, which is started at
 * the first request, and again after it ended. A PIN that was refused is not tried again: every wrong one brings the token nearer
 * to its lock, so from then on all requests fail with KEY_STORE_REFUSED until the service is started anew.
 */
export class Pkcs11Custody implements KeyCustody {
  readonly store = 'pkcs11';
  private child: ChildProcess | undefined;
  private opened: Promise<unknown> | undefined;
  private denied: FaultError | undefined;
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();
  /** ES256 keys are known from what the token says of them; only they get a digest instead of the message. */
  private readonly algorithms = new Map<Kid, SignatureAlgorithm>();
  private readonly batches = new SigningBatches((kid, messages) => this.signAll(kid, messages));

  constructor(private readonly options: Pkcs11Options) {}

  sign(kid: Kid, bytes: Uint8Array): Promise<Buffer> {
    const alg = this.algorithms.get(kid);
    if (alg === undefined) return this.learn().then(() => this.signKnown(kid, bytes));
    return this.batches.sign(kid, messageOf(alg, bytes));
  }

  async keys(purpose: KeyPurpose): Promise<readonly KeyDescription[]> {
    const { keys = [] } = await this.ask({ op: 'keys', purpose });
    for (const { kid, alg } of keys) this.algorithms.set(kid, alg);
    return [...keys].sort((a, b) => a.created.getTime() - b.created.getTime());
  }

  async create(purpose: KeyPurpose, alg: SignatureAlgorithm, now: Date): Promise<KeyDescription> {
    const { keys: [key] = [] } = await this.ask({ op: 'create', purpose, alg, now });
    if (key === undefined) throw unavailable('the token made no key');
    this.algorithms.set(key.kid, key.alg);
    return key;
  }

  ready(): boolean {
    return this.denied === undefined;
  }

  async close(): Promise<void> {
    this.end(unavailable('the key store was closed'));
  }

  private signKnown(kid: Kid, bytes: Uint8Array): Promise<Buffer> {
    const alg = this.algorithms.get(kid);
    if (alg === undefined) throw new FaultError('KEY_ABSENT', `${kid} is not on the token`);
    return this.batches.sign(kid, messageOf(alg, bytes));
  }

  private async learn(): Promise<void> {
    for (const purpose of KEY_PURPOSES) await this.keys(purpose);
  }

  private async signAll(kid: Kid, messages: readonly Uint8Array[]): Promise<readonly Buffer[]> {
    const { signatures = [] } = await this.ask({ op: 'sign', kid, messages });
    return signatures.map((signature) => Buffer.from(signature));
  }

  private async ask(request: TokenRequest): Promise<TokenAnswer & { ok: true }> {
    if (this.denied !== undefined) throw this.denied;
    this.opened ??= this.open();
    await this.opened;
    return this.send(request);
  }

  private async open(): Promise<void> {
    const { helper = HELPER, place, pin } = this.options;
    // The vendor's library may need its own variables; ours are none of its business.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KHIDI_')));
    const child = fork(helper, [], {
      env,
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.child = child;
    child.on('message', (answer) => this.take(answer as TokenAnswer));
    child.once('error', (error) => this.lost(child, error));
    child.once('exit', () => this.lost(child));
    await this.send({ op: 'open', place, pin: Buffer.from(pin.reveal()) });
  }

  private send(request: TokenRequest): Promise<TokenAnswer & { ok: true }> {
    return new Promise((resolve, reject) => {
      const { child } = this;
      if (child?.connected !== true) {
        reject(unavailable('the process of the token has ended'));
        return;
      }
      const id = this.next++;
      const { timeoutMs = 5000 } = this.options;
      const timer = setTimeout(() => this.end(unavailable(`the token took longer than ${timeoutMs} ms`)), timeoutMs);
      this.waiting.set(id, { resolve, reject, timer });
      child.send({ ...request, id } satisfies Numbered, (error) => {
        if (error !== null) this.lost(child, error);
      });
    });
  }

  private take(answer: TokenAnswer): void {
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined) return;
    this.waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.ok) waiting.resolve(answer);
    else waiting.reject(this.faultOf(answer));
  }

  private faultOf({ why, detail }: TokenAnswer & { ok: false }): FaultError {
    switch (why) {
      case 'refused':
        this.denied = refused(`the token does not accept the PIN (${detail}); it is not tried again`);
        return this.denied;
      case 'absent':
        return new FaultError('KEY_ABSENT', `${detail} is not on the token`);
      case 'failed':
        return unavailable(`the token failed: ${detail}`);
    }
  }

  private lost(child: ChildProcess, cause?: unknown): void {
    if (this.child === child) this.end(unavailable('the process of the token has ended', cause));
  }

  /** Ends the process; everybody who waits hears why, and the next request starts another one. */
  private end(why: FaultError): void {
    const { child } = this;
    this.child = undefined;
    this.opened = undefined;
    child?.kill('SIGKILL');
    for (const [id, { reject, timer }] of this.waiting) {
      this.waiting.delete(id);
      clearTimeout(timer);
      reject(why);
    }
  }
}

/** PKCS #11's plain ECDSA signs a digest, so that only 32 bytes travel; Ed25519 needs the message itself. */
function messageOf(alg: SignatureAlgorithm, bytes: Uint8Array): Uint8Array {
  return alg === 'ES256' ? hash('sha256', bytes, 'buffer') : Uint8Array.prototype.slice.call(bytes);
}

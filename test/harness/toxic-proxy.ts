import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * What a proxy does to what passes: nothing; make each piece wait; let only so many bytes a second through; hold everything while the
 * connection stays up (half open); cut it into small pieces; break the connection after so many bytes.
 */
export type Toxic =
  | { readonly kind: 'none' }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'bandwidth'; readonly bytesPerSecond: number }
  | { readonly kind: 'hold' }
  | { readonly kind: 'slices'; readonly bytes: number }
  | { readonly kind: 'limit'; readonly bytes: number };

/** Stands between clients and one server, on a port that stays the same while the network behind it gets worse and better. */
export class ToxicProxy {
  #toxic: Toxic = { kind: 'none' };
  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(
    readonly port: number,
    target: number,
  ) {
    this.#server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      const link = new Link(near, far, () => this.#toxic);
      this.#links.add(link);
      near.once('close', () => this.#links.delete(link));
    });
  }

  static async start(port: number, target: number): Promise<ToxicProxy> {
    const proxy = new ToxicProxy(port, target);
    await proxy.#listen();
    return proxy;
  }

  /** From now on, for connections that are open too. */
  set(toxic: Toxic): void {
    this.#toxic = toxic;
    for (const link of this.#links) link.wake();
  }

  /** The connections that are open now bring nothing ever again, and nobody is told; new ones work. */
  mute(): void {
    for (const link of this.#links) link.mute();
  }

  /** Breaks every connection with a reset. */
  reset(): void {
    for (const link of this.#links) link.reset();
  }

  /** Refuses connections until {@link up}. */
  async down(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.reset();
    await closed;
  }

  async up(): Promise<void> {
    await this.#listen();
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.down();
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }
}

/** One connection, piece by piece in both directions. */
class Link {
  #passed = 0;
  #mute = false;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly near: Socket,
    private readonly far: Socket,
    private readonly toxic: () => Toxic,
  ) {
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.reset());
      socket.once('close', () => this.#end());
    }
    this.#pump(near, far);
    this.#pump(far, near);
  }

  mute(): void {
    this.#mute = true;
  }

  reset(): void {
    for (const socket of [this.near, this.far]) if (!socket.destroyed) socket.resetAndDestroy();
    this.wake();
  }

  /** Those who wait look again at what the proxy does. */
  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const go of waiting) go();
  }

  #end(): void {
    this.near.destroy();
    this.far.destroy();
    this.wake();
  }

  #pump(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on('data', (piece: Buffer) => {
      from.pause();
      last = last.then(() => this.#pass(piece, to)).then(() => void from.resume());
    });
  }

  async #pass(piece: Buffer, to: Socket): Promise<void> {
    if (this.#mute) return;
    const toxic = this.toxic();
    switch (toxic.kind) {
      case 'none':
        break;
      case 'latency':
        await this.#rest(toxic.ms);
        break;
      case 'bandwidth':
        await this.#rest((piece.length / toxic.bytesPerSecond) * 1000);
        break;
      case 'hold':
        await new Promise<void>((go) => void this.#waiting.add(go));
        return this.#pass(piece, to);
      case 'slices':
        for (let at = 0; at < piece.length; at += toxic.bytes) {
          await this.#write(to, piece.subarray(at, at + toxic.bytes));
          await this.#rest(1);
        }
        return;
      case 'limit':
        this.#passed += piece.length;
        if (this.#passed > toxic.bytes) return this.reset();
        break;
    }
    await this.#write(to, piece);
  }

  async #write(to: Socket, piece: Buffer): Promise<void> {
    if (!to.writable || to.write(piece)) return; // closed meanwhile: nobody waits for it
    await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((go) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        go();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }
}

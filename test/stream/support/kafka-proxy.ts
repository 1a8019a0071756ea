import { connect, createServer, type Server, type Socket } from 'node:net';

/** Numbers of Kafka's requests. */
export const API = { produce: 0, addPartitionsToTxn: 24, addOffsetsToTxn: 25, endTxn: 26 } as const;
type Api = (typeof API)[keyof typeof API];

const CONCURRENT_TRANSACTIONS = 51;

/**
 * Stands between clients and a broker, knows which answer belongs to which request, and can lose answers: the broker has done the
 * work, but nobody hears of it.
 */
export class KafkaProxy {
  /** Answers seen, by request. */
  readonly answered = new Map<number, number>();
  /** How many answers said CONCURRENT_TRANSACTIONS. */
  concurrent = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly losing = new Map<number, number>();
  private lost: (() => void)[] = [];

  private constructor(private readonly target: number) {
    this.server = createServer((near) => this.relay(near));
  }

  static async start(port: number, target: number): Promise<KafkaProxy> {
    const proxy = new KafkaProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  /** Loses the next answers to this request, and the connection with each. Settles when all are lost. */
  lose(api: Api, times = 1): Promise<void> {
    this.losing.set(api, times);
    return new Promise((resolve) => this.lost.push(resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    const apis = new Map<number, number>();
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    // Size, api key, api version, correlation id — and in an answer size, correlation id.
    near.on(
      'data',
      framed((frame) => {
        apis.set(frame.readInt32BE(8), frame.readInt16BE(4));
        far.write(frame);
      }),
    );
    far.on(
      'data',
      framed((frame) => {
        const api = apis.get(frame.readInt32BE(4)) ?? -1;
        apis.delete(frame.readInt32BE(4));
        this.answered.set(api, (this.answered.get(api) ?? 0) + 1);
        if (isConcurrent(api, frame)) this.concurrent += 1;
        if (this.loses(api)) near.destroy();
        else near.write(frame);
      }),
    );
  }

  private loses(api: number): boolean {
    const left = this.losing.get(api) ?? 0;
    if (left === 0) return false;
    this.losing.set(api, left - 1);
    if (left === 1) for (const resolve of this.lost.splice(0)) resolve();
    return true;
  }
}

/** The error of an answer about transactions: the last two bytes (one partition), or those after the throttle time. */
function isConcurrent(api: number, frame: Buffer): boolean {
  if (api === API.addPartitionsToTxn) return frame.readInt16BE(frame.length - 2) === CONCURRENT_TRANSACTIONS;
  return (api === API.addOffsetsToTxn || api === API.endTxn) && frame.readInt16BE(12) === CONCURRENT_TRANSACTIONS;
}

/** Cuts a stream of bytes into messages with their size in front. */
function framed(onFrame: (frame: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      const size = 4 + held.readInt32BE(0);
      if (held.length < size) return;
      onFrame(held.subarray(0, size));
      held = held.subarray(size);
    }
  };
}

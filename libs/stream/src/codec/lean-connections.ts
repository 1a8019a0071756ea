import type { Socket } from 'node:net';
import { piecesBehind } from './frame-request.js';
import { replaceModule } from './kafkajs-modules.js';

/** The part of a connection of kafkajs that matters here. */
interface Connection {
  /** What has come of an answer that is not whole yet. */
  chunks: Buffer[];
  readonly bytesBuffered: number;
  processData(data: Buffer): unknown;
}
interface Options {
  readonly socketFactory: (to: never) => Socket;
}
type ConnectionClass = new (options: Options) => Connection;

/** Makes kafkajs's connections write requests in their pieces, and copy no answer that comes whole. Must come before kafkajs loads. */
export function installLeanConnections(): void {
  replaceModule<ConnectionClass>('network/connection', lean);
}

function lean(Stock: ConnectionClass): ConnectionClass {
  return class Connection extends Stock {
    constructor({ socketFactory, ...options }: Options) {
      super({ ...options, socketFactory: (to) => inPieces(socketFactory(to)) });
    }

    /** Stock keeps the rest of no bytes behind each answer, and joining it to the next one copies all of that. */
    override processData(data: Buffer): unknown {
      if (this.bytesBuffered === 0) this.chunks = [];
      return super.processData(data);
    }
  };
}

/** kafkajs writes the first piece; what stands behind it goes into the same call of the system. */
function inPieces(socket: Socket): Socket {
  const write = socket.write.bind(socket) as (data: Buffer, encoding: BufferEncoding) => boolean;
  socket.write = ((first: Buffer, encoding: BufferEncoding): boolean => {
    const behind = piecesBehind(first);
    if (behind.length === 0) return write(first, encoding);
    socket.cork();
    let free = write(first, encoding);
    for (const piece of behind) free = write(piece, encoding);
    socket.uncork();
    return free;
  }) as Socket['write'];
  return socket;
}

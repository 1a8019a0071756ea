import net from 'node:net';
import tls from 'node:tls';
import { TlsCredentials, type TlsFiles } from '../kafka-tls.js';
import { WholeAnswers } from './whole-answers.js';

/** How kafkajs asks for a connection. */
export type SocketFactory = (to: { host: string; port: number; onConnect: () => void }) => net.Socket;

const OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;
const READ_BYTES = 64 * 1024;

/**
 * Opens sockets whose `data` are whole answers of a broker: with TLS where there are files for it, and then to nobody but the broker that
 * its certificate names.
 */
export function socketFactory(files: TlsFiles | undefined): SocketFactory {
  if (files === undefined)
    return ({ host, port, onConnect }) => reading((onread) => net.connect({ host, port, ...OPTIONS, onread }, onConnect));
  const credentials = new TlsCredentials(files);
  return ({ host, port, onConnect }) => {
    // An address cannot be sent as a server name (RFC 6066, section 3); it is looked for in the certificate all the same.
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    const secureContext = credentials.context();
    return reading((onread) => {
      const options = { host, port, ...OPTIONS, ...name, secureContext, onread }; // its types do not know the last (tls.connect of Node's docs)
      return tls.connect(options, onConnect);
    });
  };
}

/** A socket that reads into the same memory each time. */
function reading(open: (onread: net.OnReadOpts) => net.Socket): net.Socket {
  const answers = new WholeAnswers((answer) => socket.emit('data', answer));
  const socket = open({
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (bytes, memory) => {
      try {
        answers.give(Buffer.from(memory.buffer as ArrayBuffer, memory.byteOffset, bytes));
      } catch (error) {
        socket.destroy(error as Error);
        return false;
      }
      return true;
    },
  });
  return socket;
}

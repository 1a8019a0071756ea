import net from 'node:net';
import tls from 'node:tls';
import { TlsCredentials, type TlsFiles } from '../kafka-tls.js';

/** How kafkajs asks for a connection. */
export type SocketFactory = (to: { host: string; port: number; onConnect: () => void }) => net.Socket;

const OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** Opens sockets: with TLS where there are files for it, and then to nobody but the broker that its certificate names. */
export function socketFactory(files: TlsFiles | undefined): SocketFactory {
  if (files === undefined) return ({ host, port, onConnect }) => net.connect({ host, port, ...OPTIONS }, onConnect);
  const credentials = new TlsCredentials(files);
  return ({ host, port, onConnect }) => {
    // An address cannot be sent as a server name (RFC 6066, section 3); it is looked for in the certificate all the same.
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    return tls.connect({ host, port, ...OPTIONS, ...name, secureContext: credentials.context() }, onConnect);
  };
}

import type { Server } from 'node:https';
import { FaultError } from '#faults';
import { commonSettings, followFile, readSettings, readTlsFiles, type TlsTexts, tlsContextOf } from '#settings';
import { describeError, type Logger } from '#telemetry';

/** What the HTTP door proves itself with. */
export interface DoorTls {
  readonly options: TlsTexts & { readonly handshakeTimeout: number };
  /** Until the server closes a certificate that is replaced counts for new connections within seconds; one that is not usable is told and left. */
  follow(server: Server, log: Pick<Logger, 'warn'>): void;
}

/** A caller who does not even say hello holds a place no longer than one who is slow with headers; Node would wait for two minutes. */
const HANDSHAKE_MILLISECONDS = 10_000;

/**
 * What settings say of the door's certificate; undefined where there is none, then it speaks plain HTTP. Throws SETTINGS_INVALID where only
 * one of the two files is named or they do not fit, and KEY_FILE_EXPOSED where others can read the key.
 */
export function doorTls(): DoorTls | undefined {
  const { httpCert: cert, httpKey: key } = readSettings({ httpCert: commonSettings.httpCert, httpKey: commonSettings.httpKey });
  if (cert === '' && key === '') return undefined;
  if (cert === '' || key === '')
    throw new FaultError('SETTINGS_INVALID', 'KHIDI_HTTP_CERT and KHIDI_HTTP_KEY are both needed, or neither');
  const read = (): TlsTexts => {
    const texts = readTlsFiles({ cert, key });
    tlsContextOf({ cert, key }, texts); // throws where they do not fit
    return texts;
  };
  return {
    options: { ...read(), handshakeTimeout: HANDSHAKE_MILLISECONDS },
    follow(server, log) {
      // Of both, since whichever is replaced first does not fit the other.
      for (const file of [cert, key]) {
        const followed = followFile(file, read, {
          onRead: (options) => server.setSecureContext(options),
          onMistake: (error) => log.warn('the certificate of the HTTP door is not usable', describeError(error)),
        });
        server.once('close', () => followed.close());
      }
    },
  };
}

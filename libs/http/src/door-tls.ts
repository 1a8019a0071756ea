import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { FaultError } from '#faults';
import { commonSettings, followFile, readSettings } from '#settings';
import { describeError, type Logger } from '#telemetry';

/** What the HTTP door proves itself with. */
export interface DoorTls {
  readonly options: { readonly cert: string; readonly key: string; readonly minVersion: 'TLSv1.2' };
  /** From now on a certificate that is replaced counts for new connections within seconds; one that is not usable is told and left. */
  follow(server: Server, log: Pick<Logger, 'warn' | 'info'>): void;
}

/** Group and mode of a mounted secret are the platform's business; everybody else's reading it is not. */
const OTHERS = 0o027;

/**
 * What settings say of the door's certificate; undefined where there is none, then it speaks plain HTTP. Throws SETTINGS_INVALID where only
 * one of the two files is named or they do not fit, and KEY_FILE_EXPOSED where others can read the key.
 */
export function doorTls(): DoorTls | undefined {
  const { httpCert, httpKey } = readSettings({ httpCert: commonSettings.httpCert, httpKey: commonSettings.httpKey });
  if (httpCert === '' && httpKey === '') return undefined;
  if (httpCert === '' || httpKey === '')
    throw new FaultError('SETTINGS_INVALID', 'KHIDI_HTTP_CERT and KHIDI_HTTP_KEY are both needed, or neither');
  const read = (): DoorTls['options'] => optionsIn(httpCert, httpKey);
  return {
    options: read(),
    follow(server, log) {
      // Of both, since whichever is replaced first does not fit the other.
      for (const file of [httpCert, httpKey])
        followFile(file, read, {
          onRead: (options) => server.setSecureContext(options),
          onMistake: (error) => log.warn('the certificate of the HTTP door is not usable', describeError(error)),
        });
    },
  };
}

function optionsIn(certFile: string, keyFile: string): DoorTls['options'] {
  if (((statSync(keyFile, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0)
    throw new FaultError('KEY_FILE_EXPOSED', keyFile);
  try {
    const options = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), minVersion: 'TLSv1.2' } as const;
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new FaultError('SETTINGS_INVALID', `KHIDI_HTTP_CERT (${certFile}) and its key are not usable together`, { cause });
  }
}

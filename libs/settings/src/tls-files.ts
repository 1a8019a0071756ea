import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { FaultError } from '#faults';

/** Paths of PEM files: a certificate with its chain, its private key, and who signs those of the other side, where that is asked. */
export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** What stands in these files, as `tls` takes it. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly minVersion: 'TLSv1.2';
}

/** Group and mode of a mounted secret are the platform's business; everybody else's reading it is not. */
const OTHERS = 0o027;

/** Reads the files. Throws KEY_FILE_EXPOSED where others can read the key, and SETTINGS_INVALID where one cannot be read. */
export function readTlsFiles({ cert, key, ca }: TlsPaths): TlsTexts {
  if (((statSync(key, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0) throw new FaultError('KEY_FILE_EXPOSED', key);
  return { ...(ca === undefined ? {} : { ca: read(ca) }), cert: read(cert), key: read(key), minVersion: 'TLSv1.2' };
}

/** Makes of them what connections are proved with. Throws SETTINGS_INVALID where they do not fit. */
export function tlsContextOf({ cert, key }: TlsPaths, texts: TlsTexts): SecureContext {
  try {
    return createSecureContext(texts);
  } catch {
    // OpenSSL's own words are about lines of a file that holds a key.
    throw new FaultError('SETTINGS_INVALID', `${cert} and ${key} are no certificate in PEM and its private key`);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FaultError('SETTINGS_INVALID', `${file} cannot be read`, { cause });
  }
}

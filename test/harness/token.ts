import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOKEN_LIBRARY } from './stages.js';

const PIN = '73194628';
/** Where the PIN lies; another one in it is a wrong PIN. */
export const pinFile = (folder: string): string => join(folder, 'pin');

/** Makes a token of SoftHSM in the folder. */
export function makeToken(folder: string): void {
  mkdirSync(join(folder, 'tokens'), { recursive: true });
  const settings = `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\n`;
  writeFileSync(join(folder, 'softhsm2.conf'), settings);
  rightPin(folder);
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'khidi', '--so-pin', '11223344', '--pin', PIN], {
    env: { PATH: process.env.PATH ?? '', SOFTHSM2_CONF: join(folder, 'softhsm2.conf') },
    stdio: 'ignore',
  });
}

export const rightPin = (folder: string): void => writeFileSync(pinFile(folder), PIN, { mode: 0o600 });
export const wrongPin = (folder: string): void => writeFileSync(pinFile(folder), '00000000', { mode: 0o600 });

/** How a service is told to keep its keys there. */
export function tokenEnvironment(folder: string): Record<string, string> {
  return {
    KHIDI_KEY_STORE: 'pkcs11',
    KHIDI_PKCS11_LIBRARY: TOKEN_LIBRARY ?? '',
    KHIDI_PKCS11_TOKEN: 'khidi',
    KHIDI_PKCS11_PIN_FILE: pinFile(folder),
    SOFTHSM2_CONF: join(folder, 'softhsm2.conf'),
  };
}

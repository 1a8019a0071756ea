/**
 * Adds to package-lock.json what `npm install` leaves out on a machine whose registry does not carry the packages of other
 * platforms: the optional binaries of tools for macOS, Windows and so on. Without them `npm ci` refuses the lock file everywhere.
 * Run it after adding a dependency: `node deploy/local/complete-lock.mjs`. Prints how many entries it added.
 *
 * The version is exact in the package that wants the binary; where a platform is not this machine's, npm never asks for it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'package-lock.json');

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const packages = lock.packages;
let added = 0;
for (const { dev, optionalDependencies = {} } of Object.values(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    const platform = platformOf(name);
    if (packages[path] !== undefined || platform === undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue;
    packages[path] = {
      version,
      cpu: [platform.cpu],
      ...(dev === true ? { dev } : {}),
      ...platform.libc,
      optional: true,
      os: [platform.os],
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
if (added > 0) writeFileSync(FILE, `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(`${added} entries added\n`);

/** What a name like `@swc/core-linux-arm64-musl` says of its platform. */
function platformOf(name) {
  const parts = /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(name);
  if (parts === null) return undefined;
  const [, os, cpu, abi] = parts;
  const libc = os === 'linux' && abi === 'musl' ? ['musl'] : os === 'linux' && abi === 'gnu' ? ['glibc'] : undefined;
  return { os, cpu, libc: libc === undefined ? {} : { libc } };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.js';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };

describe('the lock file', () => {
  it('lists the optional packages of every platform, without which npm ci refuses it (deploy/local/complete-lock.mjs)', () => {
    const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    const missing = wanted.filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
    expect(missing).toEqual([]);
  });

  it('names no registry, so that every machine uses its own', () => {
    expect(Object.values(packages).filter(({ resolved = '' }) => resolved.startsWith('http'))).toEqual([]);
  });
});

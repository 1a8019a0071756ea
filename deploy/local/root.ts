import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, found from this file: the same whether it runs from `dist` or from source in a test. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The one ignored folder that holds everything the local instance writes. */
export const KHIDI_FOLDER = join(ROOT, '.khidi');

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package-lock.json was not found in any folder above this file');
  return findRoot(parent);
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the project, found from this one, whether it runs from `dist` or from source in a test. */
export function inProject(...path: readonly string[]): string {
  return join(rootAbove(dirname(fileURLToPath(import.meta.url))), ...path);
}

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package-lock.json was not found in any folder above this file');
  return rootAbove(parent);
}

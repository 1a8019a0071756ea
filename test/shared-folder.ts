import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const announced = new Set<string>();

/**
 * The path of a file or folder of the shared material (public vectors, registries' data), which is not part of the project:
 * `KHIDI_SHARED` names the folder, by default `../shared` beside the project. Where it is missing, undefined is returned and
 * one line is printed, so that a skipped test is seen to be skipped.
 */
export function sharedFolder(...segments: string[]): string | undefined {
  const root = projectRoot();
  const path = join(resolve(root, process.env.KHIDI_SHARED ?? '../shared'), ...segments);
  if (existsSync(path)) return path;
  const name = segments.join('/');
  if (!announced.has(name)) {
    announced.add(name);
    process.stdout.write(`skipped: ${name} is not in the shared folder (KHIDI_SHARED)\n`);
  }
  return undefined;
}

/** The folder of the project, from wherever inside it a test was started. */
function projectRoot(from = process.cwd()): string {
  const above = dirname(from);
  return existsSync(join(from, 'nest-cli.json')) || above === from ? from : projectRoot(above);
}

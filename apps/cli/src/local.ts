import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultError } from '#faults';
import { type Instance, type InstanceService, readInstance } from '#settings';
import { CliError, EXIT } from './exit.js';

/** What the options and the environment say about where to look. */
export interface Where {
  /** The folder or file of the local instance. */
  readonly state?: string;
}

/**
 * The local instance: named by `--state` or KHIDI_STATE, otherwise the `.khidi` of this folder, of one above it, or of the
 * project that this command belongs to. Undefined where none is found.
 */
export function findInstance({ state }: Where, env: NodeJS.ProcessEnv = process.env): Instance | undefined {
  const named = state ?? env.KHIDI_STATE;
  try {
    if (named !== undefined && named !== '') return readInstance(named) ?? nothingAt(named);
    for (const folder of [...above(process.cwd()), ...above(dirname(fileURLToPath(import.meta.url)))]) {
      const instance = readInstance(join(folder, '.khidi'));
      if (instance !== undefined) return instance;
    }
    return undefined;
  } catch (error) {
    if (error instanceof FaultError) throw new CliError(EXIT.usage, error.detail);
    throw error;
  }
}

/** The local instance, or the sentence that says how to start or name one. */
export function requireInstance(where: Where): Instance {
  return findInstance(where) ?? nothingAt(undefined);
}

/** The service of this kind (and member), or the sentence that says that there is none. */
export function requireService(instance: Instance, kind: InstanceService['kind'], member?: string): InstanceService {
  const found = instance.services.find((service) => service.kind === kind && (member === undefined || service.member === member));
  if (found !== undefined) return found;
  const whose = member === undefined ? '' : ` of ${member}`;
  throw new CliError(EXIT.unreachable, `The local instance has no ${kind}${whose}: run "npm run up".`);
}

function nothingAt(place: string | undefined): never {
  const where = place === undefined ? 'here' : `at ${place}`;
  throw new CliError(
    EXIT.unreachable,
    `No local instance was found ${where}: run "npm run up", name one by --state or KHIDI_STATE, or name the addresses by options.`,
  );
}

function above(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

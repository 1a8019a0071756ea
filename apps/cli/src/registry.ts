import { Command } from 'commander';
import { CliError, EXIT } from './exit.js';
import { askJson, type JsonAnswer } from './fetch.js';
import { requireInstance, requireService, type Where } from './local.js';
import { type Format, formatOption } from './output.js';

/** The options that say at which registry. */
export interface RegistryFlags extends Where {
  readonly registry?: string;
  readonly output: Format;
}

/** What Confluent's API reads and answers. */
export const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

/** A command that asks a registry. */
export function registryCommand(name: string): Command {
  return new Command(name)
    .option('--registry <URL>', 'the schema registry; without it that of the local instance')
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption());
}

/** Asks the registry. Ends the command with what it answers instead of yes. */
export async function askRegistry(flags: RegistryFlags, path: string, init: RequestInit = {}): Promise<unknown> {
  const url = flags.registry ?? requireService(requireInstance(flags), 'schema-registry').url;
  const answer = await askJson(`${url.replace(/\/$/, '')}${path}`, init);
  if (answer.status !== 200 && answer.status !== 201) refuseRegistry(answer);
  return answer.body;
}

/** Confluent's errors are `{error_code, message}`. */
function refuseRegistry({ status, body }: JsonAnswer): never {
  const { error_code: code, message } = (body ?? {}) as { error_code?: number; message?: string };
  const sentence = message === undefined ? `The schema registry answers ${status}.` : `${message} (${code ?? status})`;
  throw new CliError(status === 503 ? EXIT.unreachable : EXIT.no, sentence);
}

import { parseArgs } from 'node:util';
import { Missing } from './missing.js';

/** What `npm run up` was asked for. */
export interface UpOptions {
  readonly help: boolean;
  /** Leave out the demonstration data. */
  readonly noData: boolean;
  /** Send the demonstration data although it was sent before. */
  readonly send: boolean;
}

/** What `npm run down` was asked for. */
export interface DownOptions {
  readonly help: boolean;
  /** Remove all data, keys and secrets. */
  readonly wipe: boolean;
  /** Remove Kafka's jars too. */
  readonly all: boolean;
}

export const UP_HELP = `npm run up -- [options]

Starts a whole instance on this machine, or what of it does not run yet: Kafka, Redis and all services, on loopback only.

  --no-data   do not send the demonstration data
  --send      send the demonstration data again
  --help      show this

KAFKA_BROKERS=host:port and REDIS_URL=redis://host:port use servers that run already; nothing of these is started or stopped.
Everything it writes lies in .khidi; "npm run down" ends what it started.`;

export const DOWN_HELP = `npm run down -- [options]

Ends exactly what "npm run up" started, and keeps its data.

  --wipe      also remove the data, keys and secrets in .khidi
  --all       with --wipe: also remove Kafka's jars
  --help      show this`;

/** Reads the options of `up`. Throws {@link Missing} with a sentence for one that does not exist. */
export function upOptions(args: readonly string[]): UpOptions {
  const values = parse(args, ['help', 'no-data', 'send'], UP_HELP);
  return { help: values.has('help'), noData: values.has('no-data'), send: values.has('send') };
}

/** Reads the options of `down`. Throws {@link Missing} with a sentence for one that does not exist. */
export function downOptions(args: readonly string[]): DownOptions {
  const values = parse(args, ['help', 'wipe', 'all'], DOWN_HELP);
  return { help: values.has('help'), wipe: values.has('wipe'), all: values.has('all') };
}

function parse(args: readonly string[], names: readonly string[], help: string): ReadonlySet<string> {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }]));
    return new Set(Object.keys(parseArgs({ args: [...args], options, strict: true }).values));
  } catch (error) {
    throw new Missing(`${error instanceof Error ? error.message.split('.')[0] : 'Unknown option'}.\n\n${help}`);
  }
}

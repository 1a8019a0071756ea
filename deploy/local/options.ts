import { parseArgs } from 'node:util';
import { Missing } from './missing.js';

/** What `npm run up` was asked for. */
export interface UpOptions {
  readonly help: boolean;
  /** Leave out the demonstration data. */
  readonly noData: boolean;
  /** Send the demonstration data although it was sent before. */
  readonly send: boolean;
  /** Leave Kafka open, without TLS. */
  readonly plain: boolean;
  /** Only one service, by itself, beside whatever else runs. */
  readonly only?: OnlyOptions;
}

/** A schema registry by itself: with a broker, and nothing else of ours. */
export interface OnlyOptions {
  readonly service: 'schema-registry';
  readonly port: number;
  /** `none`: everybody on this machine may do everything. */
  readonly auth: 'secrets' | 'none';
  readonly plain: boolean;
  /** Begin with an empty store. */
  readonly fresh: boolean;
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
  --plain     leave Kafka open: no TLS, no certificates, no rules. For benchmarks and other people's tools, never for real records
  --help      show this

  --only schema-registry [--port P] [--auth none] [--fresh] [--plain]
              only a schema registry with a broker, as a drop-in for other registries; beside any other instance.
              --port   where it listens (8081), --auth none: no secrets, on loopback only, for tests and other people's tools,
              --fresh  begins with an empty store; it is ready when the command returns

KAFKA_BROKERS=host:port and REDIS_URL=redis://host:port use servers that run already; nothing of these is started or stopped.
KHIDI_KAFKA_CA, KHIDI_KAFKA_CERT and KHIDI_KAFKA_KEY name PEM files for TLS with that Kafka.
Everything it writes lies in .khidi; "npm run down" ends what it started.`;

export const DOWN_HELP = `npm run down -- [options]

Ends exactly what "npm run up" started, and keeps its data.

  --wipe      also remove the data, keys and secrets in .khidi
  --all       with --wipe: also remove Kafka's jars
  --help      show this`;

/** Reads the options of `up`. Throws {@link Missing} with a sentence for one that does not exist. */
export function upOptions(args: readonly string[]): UpOptions {
  const values = parse(args, ['help', 'no-data', 'send', 'fresh', 'plain'], UP_HELP, ['only', 'port', 'auth']);
  const only = onlyOptions(values);
  return {
    help: values.has('help'),
    noData: values.has('no-data'),
    send: values.has('send'),
    plain: values.has('plain'),
    ...(only === undefined ? {} : { only }),
  };
}

const REGISTRY_PORT = 8081;

function onlyOptions(values: ReadonlyMap<string, unknown>): OnlyOptions | undefined {
  const service = values.get('only');
  const alone = ['port', 'auth', 'fresh'].filter((name) => values.has(name));
  if (service === undefined) {
    if (alone.length > 0) throw new Missing(`--${alone[0]} needs --only schema-registry.\n\n${UP_HELP}`);
    return undefined;
  }
  if (service !== 'schema-registry') throw new Missing(`--only is schema-registry.\n\n${UP_HELP}`);
  const port = Number(values.get('port') ?? REGISTRY_PORT);
  if (!Number.isSafeInteger(port) || port < 1 || port > 65535) throw new Missing('--port is a number from 1 to 65535.');
  const auth = values.get('auth') ?? 'secrets';
  if (auth !== 'none' && auth !== 'secrets') throw new Missing('--auth is secrets (the default) or none.');
  return { service, port, auth, plain: values.has('plain'), fresh: values.has('fresh') };
}

/** Reads the options of `down`. Throws {@link Missing} with a sentence for one that does not exist. */
export function downOptions(args: readonly string[]): DownOptions {
  const values = parse(args, ['help', 'wipe', 'all'], DOWN_HELP);
  return { help: values.has('help'), wipe: values.has('wipe'), all: values.has('all') };
}

function parse(
  args: readonly string[],
  names: readonly string[],
  help: string,
  texts: readonly string[] = [],
): ReadonlyMap<string, unknown> {
  try {
    const flags = names.map((name) => [name, { type: 'boolean' as const }] as const);
    const options = Object.fromEntries([...flags, ...texts.map((name) => [name, { type: 'string' as const }] as const)]);
    return new Map(Object.entries(parseArgs({ args: [...args], options, strict: true }).values));
  } catch (error) {
    throw new Missing(`${error instanceof Error ? error.message.split('.')[0] : 'Unknown option'}.\n\n${help}`);
  }
}

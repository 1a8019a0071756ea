import type { ClientQuota, PrincipalQuotas } from '../client-quotas.js';
import { type Encoded, kafkajsModule, type ProtocolRequest } from '../codec/kafkajs-modules.js';
import { type KafkaAddress, openCluster } from './cluster.adapter.js';
import { asFault } from './errors.adapter.js';
import { untilHeard } from './patience.adapter.js';

/** How many limits were set and taken away. */
export interface QuotaChange {
  readonly set: number;
  readonly removed: number;
}

/**
 * Makes the quotas of principals those of the plan: what is missing or other is set, whatever else a principal has, is taken away,
 * and both are in force when it returns. kafkajs does not know these two requests, so that they are written here, in their first version
 * (KIP-546). Throws STREAM_FORBIDDEN where we are no administrator, and STREAM_UNAVAILABLE.
 */
export async function ensureClientQuotas(address: KafkaAddress, plan: readonly PrincipalQuotas[]): Promise<QuotaChange> {
  const opened = openCluster(address);
  try {
    await opened.cluster.connect();
    await opened.cluster.refreshMetadata();
    const broker = (await opened.cluster.findControllerBroker()) as unknown as Asked;
    const lacking = async (): Promise<Change[]> =>
      changesOf(plan, await broker.connectionPool.send({ request: describeRequest, response: describeResponse }));
    const changes = await lacking();
    if (changes.length > 0) {
      const request = { ...alterRequest, encode: async () => encodeChanges(changes) };
      await broker.connectionPool.send({ request, response: alterResponse });
      await untilHeard(async () => (await lacking()).length === 0, HEARD_MS, 'the brokers do not take over the quotas');
    }
    const all = changes.flatMap(({ limits }) => limits);
    const removed = all.filter(({ value }) => value === undefined).length;
    return { set: all.length - removed, removed };
  } catch (error) {
    throw asFault(error);
  } finally {
    opened.dispose();
  }
}

const HEARD_MS = 20_000;

/** By principal: its limits. */
type Described = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What is to change for one principal; without a value a limit is taken away. */
interface Change {
  readonly principal: string;
  readonly limits: readonly { readonly name: string; readonly value: number | undefined }[];
}

function changesOf(plan: readonly PrincipalQuotas[], there: Described): Change[] {
  const wanted = new Map(plan.map(({ principal, limits }) => [principal, limits]));
  return [...new Set([...wanted.keys(), ...there.keys()])].flatMap((principal) => {
    const [want, have] = [
      wanted.get(principal) ?? new Map<ClientQuota, number>(),
      there.get(principal) ?? new Map<string, number>(),
    ];
    const missing = [...want].filter(([name, value]) => have.get(name) !== value).map(([name, value]) => ({ name, value }));
    const superfluous = [...have.keys()]
      .filter((name) => !want.has(name as ClientQuota))
      .map((name) => ({ name, value: undefined }));
    const limits = [...missing, ...superfluous];
    return limits.length === 0 ? [] : [{ principal, limits }];
  });
}

interface Asked {
  readonly connectionPool: {
    send<T>(asked: { readonly request: ProtocolRequest; readonly response: ResponseOf<T> }): Promise<T>;
  };
}
interface ResponseOf<T> {
  readonly decode: (raw: Buffer) => Promise<T>;
  readonly parse: (read: T) => Promise<T>;
}
interface Encoder extends Encoded {
  writeInt8(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeString(value: string | null): Encoder;
  writeDouble(value: number): Encoder;
  writeBoolean(value: boolean): Encoder;
}
interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readString(): string | null;
  readDouble(): number;
  readArray<T>(read: (decoder: Decoder) => T): T[];
}

const encoder = (): Encoder => new (kafkajsModule<new () => Encoder>('protocol/encoder'))();
const decoder = (raw: Buffer): Decoder => new (kafkajsModule<new (raw: Buffer) => Decoder>('protocol/decoder'))(raw);
function refuse(code: number): void {
  if (code !== 0) throw kafkajsModule<{ createErrorFromCode(code: number): Error }>('protocol/error').createErrorFromCode(code);
}
const parse = async <T>(read: T): Promise<T> => read;

const USER = 'user';
/** Of DescribeClientQuotas: every name of a kind of entity. */
const ANY = 2;

/** components ARRAY(entity_type, match_type, match), strict: every user that has quotas as a user alone. */
const describeRequest: ProtocolRequest = {
  apiKey: 48,
  apiVersion: 0,
  apiName: 'DescribeClientQuotas',
  encode: async () => encoder().writeInt32(1).writeString(USER).writeInt8(ANY).writeString(null).writeBoolean(true),
};

/** throttle_time, error_code, error_message, entries ARRAY(entity ARRAY(type, name), values ARRAY(key, value)). */
const describeResponse: ResponseOf<Described> = {
  decode: async (raw) => {
    const read = decoder(raw);
    read.readInt32();
    refuse(read.readInt16());
    read.readString();
    const entries = read.readArray((entry) => {
      const entity = entry.readArray((one) => [one.readString(), one.readString()] as const);
      const values = entry.readArray((one) => [one.readString() ?? '', one.readDouble()] as const);
      // Without a name it is the default of all users, which the table does not speak of.
      return [entity.find(([type]) => type === USER)?.[1] ?? null, new Map(values)] as const;
    });
    return new Map(entries.flatMap(([name, values]) => (name === null ? [] : [[name, values] as const])));
  },
  parse,
};

const alterRequest = { apiKey: 49, apiVersion: 0, apiName: 'AlterClientQuotas' } as const;

/** entries ARRAY(entity ARRAY(type, name), ops ARRAY(key, value, remove)), validate_only. */
function encodeChanges(changes: readonly Change[]): Encoded {
  const written = encoder().writeInt32(changes.length);
  for (const { principal, limits } of changes) {
    written.writeInt32(1).writeString(USER).writeString(principal).writeInt32(limits.length);
    for (const { name, value } of limits)
      written
        .writeString(name)
        .writeDouble(value ?? 0)
        .writeBoolean(value === undefined);
  }
  return written.writeBoolean(false);
}

/** throttle_time, entries ARRAY(error_code, error_message, entity ARRAY(type, name)). */
const alterResponse: ResponseOf<object> = {
  decode: async (raw) => {
    const read = decoder(raw);
    read.readInt32();
    read.readArray((entry) => {
      const code = entry.readInt16();
      entry.readString();
      entry.readArray((one) => [one.readString(), one.readString()]);
      refuse(code);
    });
    return {}; // kafkajs looks at it
  },
  parse,
};

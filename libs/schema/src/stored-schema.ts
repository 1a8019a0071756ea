import { canonicalize, sha256Base64url } from '#canonical';

/** Another schema that one refers to, by the name that its `$ref` uses. */
export interface StoredReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** One schema version as the registry writes it to the topic `schemas`, and as everybody else reads it there. */
export interface StoredSchema {
  /** The same for the same text with the same references, whatever the subject. */
  readonly id: number;
  readonly subject: string;
  readonly version: number;
  readonly schemaType: 'JSON';
  /** The text exactly as it was registered. */
  readonly schema: string;
  readonly references: readonly StoredReference[];
  readonly digest: string;
  /** Hidden from new records, and still readable by its id: on the road it is retired. */
  readonly deleted: boolean;
  /** Milliseconds since 1970. */
  readonly ts: number;
  /** What Confluent's clients keep beside a schema; absent in versions stored before there was any. */
  readonly metadata?: SchemaExtra;
  readonly ruleSet?: SchemaExtra;
  /** Still in force, and nobody should begin to use it. */
  readonly deprecated?: boolean;
}

/** A JSON object that the registry keeps and gives back, and that no service of ours reads. */
export type SchemaExtra = { readonly [name: string]: unknown };

/** What makes two registrations the same schema: text, references, metadata and rules. */
export type SchemaContent = Pick<StoredSchema, 'schema' | 'references' | 'metadata' | 'ruleSet'>;

/** The key of a schema version on the topic `schemas`. */
export function schemaKey(subject: string, version: number): string {
  return JSON.stringify(['schema', subject, version]);
}

/** Names a content for ever: 32 bytes as base64url, the same for the same text, references (in order), metadata and rules. */
export function schemaIdentity(content: SchemaContent): string {
  const known = identities.get(content);
  if (known !== undefined) return known;
  const { schema, references, metadata, ruleSet } = content;
  const names = references.map(({ name, subject, version }) => [name, subject, version]);
  const identity = sha256Base64url(
    Buffer.from(schema, 'utf8'),
    NOTHING,
    canonicalize([names, metadata ?? null, ruleSet ?? null]),
  );
  identities.set(content, identity);
  return identity;
}

/** Stored schemas never change, and are asked for their identity again and again. */
const identities = new WeakMap<SchemaContent, string>();

/** The GUID of a content, the same in every registry: a UUID (RFC 9562, version 8) made of its identity. */
export function schemaGuid(content: SchemaContent): string {
  const bytes = Buffer.from(schemaIdentity(content), 'base64url').subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const NOTHING = Buffer.from([0]);

/** Reads a value of the topic; undefined where it is something else, or belongs to another key. */
export function readStoredSchema(key: string, value: Buffer): StoredSchema | undefined {
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch {
    return undefined; // the caller reports the key; the parser's message would add nothing
  }
  return isStoredSchema(json) && schemaKey(json.subject, json.version) === key ? json : undefined;
}

function isStoredSchema(json: unknown): json is StoredSchema {
  if (typeof json !== 'object' || json === null) return false;
  const { id, subject, version, schemaType, schema, references, digest, deleted, ts } = json as Record<string, unknown>;
  const numbers = [id, version].every((n) => Number.isSafeInteger(n) && Number(n) > 0) && typeof ts === 'number';
  const texts = [subject, schema, digest].every((one) => typeof one === 'string') && schemaType === 'JSON';
  return numbers && texts && typeof deleted === 'boolean' && Array.isArray(references) && references.every(isStoredReference);
}

function isStoredReference(json: unknown): json is StoredReference {
  if (typeof json !== 'object' || json === null) return false;
  const { name, subject, version } = json as Record<string, unknown>;
  return typeof name === 'string' && typeof subject === 'string' && Number.isSafeInteger(version) && Number(version) > 0;
}

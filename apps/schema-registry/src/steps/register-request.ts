import { z } from 'zod';
import { type JsonValue, parseStrict } from '#canonical';
import type { SchemaExtra } from '#schema';
import { RegistryError } from '../registry-error.js';
import { readRuleSet } from './rule-set.js';

/** A reference as a client sends it; version -1 means the latest one. */
export interface SentReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** Which places of a schema get or lose which tags (Confluent's `schemaTagsToAdd`). */
export interface TagChange {
  readonly path: string;
  readonly tags: readonly string[];
}

/** What a client sends to register, look up or compare a schema. */
export interface RegisterRequest {
  readonly schema: string;
  readonly references: readonly SentReference[];
  readonly metadata?: SchemaExtra;
  readonly ruleSet?: SchemaExtra;
  /** The version and id that it must get. */
  readonly version?: number;
  readonly id?: number;
  readonly tagsToAdd: readonly TagChange[];
  readonly tagsToRemove: readonly TagChange[];
}

/** The longest schema, in bytes of UTF-8. */
export const MAX_SCHEMA_BYTES = 1024 * 1024;
/** A request may be larger than its schema, since quotes in it are escaped. */
export const MAX_BODY_BYTES = 2.25 * 1024 * 1024;
const BODY_LIMITS = { maxBytes: MAX_BODY_BYTES, maxDepth: 64 };

const strings = z.array(z.string());
export const metadataShape = z.object({
  tags: z.record(z.string(), strings).nullish(),
  properties: z.record(z.string(), z.string()).nullish(),
  sensitive: strings.nullish(),
});
const tagShape = z.array(
  z.object({ schemaEntity: z.object({ entityPath: z.string().max(2000), entityType: z.string() }), tags: strings.max(100) }),
);
const bodyShape = z.object({
  schema: z.string().min(1),
  schemaType: z.string().nullish(),
  references: z
    .array(z.object({ name: z.string().min(1), subject: z.string().min(1), version: z.int().min(-1) }))
    .max(100)
    .nullish(),
  metadata: metadataShape.nullish(),
  ruleSet: z.unknown().optional(),
  version: z.int().min(-1).nullish(),
  id: z.int().min(-1).max(2147483647).nullish(),
  schemaTagsToAdd: tagShape.nullish(),
  schemaTagsToRemove: tagShape.nullish(),
});

/** Reads a JSON body strictly: no duplicate members, no changed numbers, valid UTF-8. Throws 42201. */
export function readJsonBody(bytes: Buffer): { readonly [name: string]: JsonValue } {
  const parsed = parseStrict(bytes, BODY_LIMITS);
  if (!parsed.ok) throw new RegistryError(42201, `${parsed.code}: the body is not JSON that can be read in one way only.`);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RegistryError(42201, 'The body is no JSON object.');
  return value as { readonly [name: string]: JsonValue };
}

/** Reads Confluent's RegisterSchemaRequest. Throws 42201, 42209 and 42210; members that it does not have are ignored, as there. */
export function registerRequestOf(json: unknown): RegisterRequest {
  const parsed = bodyShape.safeParse(json);
  if (!parsed.success) {
    const at = parsed.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ');
    throw new RegistryError(
      42201,
      `The body needs a schema as text, schemaType "JSON", and references as a list; wrong at ${at}`,
    );
  }
  const { schema, schemaType, references, metadata, ruleSet, version, id, schemaTagsToAdd, schemaTagsToRemove } = parsed.data;
  if ((schemaType ?? 'AVRO') !== 'JSON') {
    const sent = schemaType === null || schemaType === undefined ? 'AVRO (the default)' : schemaType.slice(0, 20);
    throw new RegistryError(42201, `This registry is for JSON Schema: set schemaType to "JSON". ${sent} is not accepted.`);
  }
  if (Buffer.byteLength(schema) > MAX_SCHEMA_BYTES)
    throw new RegistryError(42209, `A schema has at most ${MAX_SCHEMA_BYTES} bytes.`);
  const rules = readRuleSet(ruleSet);
  const kept = metadata === null || metadata === undefined ? undefined : withoutNulls(metadata);
  return {
    schema,
    references: references ?? [],
    ...(kept === undefined ? {} : { metadata: kept }),
    ...(rules === undefined ? {} : { ruleSet: rules }),
    ...(version === null || version === undefined || version < 1 ? {} : { version }),
    ...(id === null || id === undefined || id < 0 ? {} : { id }),
    tagsToAdd: tagChanges(schemaTagsToAdd),
    tagsToRemove: tagChanges(schemaTagsToRemove),
  };
}

/** Reads what POST …/tags sends. Throws 42201. */
export function readTagRequest(json: {
  readonly [name: string]: JsonValue;
}): Pick<RegisterRequest, 'tagsToAdd' | 'tagsToRemove'> {
  const parsed = z.object({ tagsToAdd: tagShape.nullish(), tagsToRemove: tagShape.nullish() }).safeParse(json);
  if (!parsed.success) throw new RegistryError(42201, 'The body needs tagsToAdd or tagsToRemove: [{schemaEntity, tags}].');
  return { tagsToAdd: tagChanges(parsed.data.tagsToAdd), tagsToRemove: tagChanges(parsed.data.tagsToRemove) };
}

function tagChanges(sent: z.infer<typeof tagShape> | null | undefined): TagChange[] {
  return (sent ?? []).map(({ schemaEntity, tags }) => ({ path: schemaEntity.entityPath, tags }));
}

/** Members that are null are absent: so the same content has one identity. */
export function withoutNulls(value: { readonly [name: string]: unknown }): SchemaExtra {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined));
}

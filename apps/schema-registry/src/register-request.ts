import { z } from 'zod';
import type { StoredReference } from '#schema';
import { RegistryError } from './registry-error.js';

/** What a client sends to register or look up a schema. */
export interface RegisterRequest {
  readonly schema: string;
  readonly references: readonly StoredReference[];
}

const body = z.object({
  schema: z.string().min(1),
  schemaType: z.string().default('AVRO'), // Confluent's default, so that a client that forgot the type hears of it
  references: z
    .array(z.object({ name: z.string().min(1), subject: z.string().min(1), version: z.int().positive() }))
    .max(100)
    .nullish(),
  metadata: z.unknown().optional(),
  ruleSet: z.unknown().optional(),
});

/** Reads the body of Confluent's RegisterSchemaRequest; other members are ignored, as Confluent does, except rules and
 * metadata: whoever sends those relies on their being kept. Throws 42201. */
export function readRegisterRequest(bytes: Buffer): RegisterRequest {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new RegistryError(42201, 'The body is not JSON.');
  }
  const parsed = body.safeParse(json);
  if (!parsed.success) {
    const at = parsed.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ');
    throw new RegistryError(
      42201,
      `The body needs a schema as text, schemaType "JSON", and references as a list; wrong at ${at}`,
    );
  }
  const { schema, schemaType, references, metadata = null, ruleSet = null } = parsed.data;
  if (schemaType !== 'JSON') {
    throw new RegistryError(
      42201,
      'This registry is for JSON Schema: set schemaType to "JSON". AVRO and PROTOBUF are not accepted.',
    );
  }
  if (metadata !== null || ruleSet !== null)
    throw new RegistryError(42201, 'metadata and ruleSet are not kept by this registry.');
  return { schema, references: references ?? [] };
}

import { z } from 'zod';

/** One schema version as the registry writes it to the topic `schemas`. */
const storedSchema = z.object({
  subject: z.string(),
  version: z.int().positive(),
  schemaType: z.literal('JSON'),
  schema: z.string(),
  references: z.array(z.object({ name: z.string(), subject: z.string(), version: z.int().positive() })),
  digest: z.string(),
  deleted: z.boolean(),
});
export type StoredSchema = z.infer<typeof storedSchema>;

/** The key of a schema version on the topic `schemas`. */
export function schemaKey(subject: string, version: number): string {
  return JSON.stringify(['schema', subject, version]);
}

/** Whether a key of the topic belongs to a schema version; the registry keeps its settings there too. */
export function isSchemaKey(key: string): boolean {
  return key.startsWith('["schema",');
}

/** Reads a value of the topic; undefined where it is something else, or belongs to another key. */
export function readStoredSchema(key: string, value: Buffer): StoredSchema | undefined {
  let json: unknown;
  try {
    json = JSON.parse(value.toString('utf8'));
  } catch {
    return undefined; // the caller reports the key; the parser's message would add nothing
  }
  const { data } = storedSchema.safeParse(json);
  return data !== undefined && schemaKey(data.subject, data.version) === key ? data : undefined;
}

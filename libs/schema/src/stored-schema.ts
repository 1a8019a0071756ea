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
  readonly deleted: boolean;
  /** Milliseconds since 1970. */
  readonly ts: number;
}

/** The key of a schema version on the topic `schemas`. */
export function schemaKey(subject: string, version: number): string {
  return JSON.stringify(['schema', subject, version]);
}

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

import { isJsonObject, type JsonValue, parseStrict } from '#canonical';

/** What the first two members of a bundle say. */
const KIND = 'evidence';
const VERSION = 1;
const MAX_BUNDLE_BYTES = 8 * 1024 * 1024;

/**
 * Everything that proves one exchange, in one JSON file: it is verified without any network. What is missing is not proven; after
 * the record's body was erased there is no `envelope`, and the rest still proves that the exchange took place.
 */
export interface Bundle {
  /** The leaf's entry: one line of canonical JSON. */
  readonly leaf: string;
  /** A C2SP tlog-proof of the leaf. */
  readonly proof: string;
  /** A C2SP tlog-policy: the log's key, and the witnesses. */
  readonly policy: string;
  /** The JWS, exactly as it was delivered. */
  readonly envelope?: string;
  /** A JWK set with the issuer's keys. */
  readonly keys?: JsonValue;
  /** The schema that judged the record, as registered, and the digests of those that it references. */
  readonly schema?: { readonly text: string; readonly references: readonly string[] };
  /** An RFC 3161 answer over the bytes of the proof's checkpoint, in base64. */
  readonly timestamp?: string;
  /** The receipt for the sending agency: a JWS. */
  readonly receipt?: string;
}

/** The text of a bundle file. */
export function writeBundle(bundle: Bundle): string {
  return `${JSON.stringify({ khidi: KIND, version: VERSION, ...bundle }, undefined, 2)}\n`;
}

const TEXTS = ['leaf', 'proof', 'policy', 'envelope', 'timestamp', 'receipt'] as const;

/** Reads a bundle file; undefined where it is none. An unknown member is refused: nothing may stand there that is not verified. */
export function readBundle(bytes: Buffer): Bundle | undefined {
  const parsed = parseStrict(bytes, { maxDepth: 64, maxBytes: MAX_BUNDLE_BYTES });
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const { khidi, version, ...rest } = parsed.value;
  const { keys, schema, ...texts } = rest;
  if (khidi !== KIND || version !== VERSION || !isSchema(schema) || (keys !== undefined && !isJsonObject(keys))) return undefined;
  const wellKnown = Object.entries(texts).every(
    ([name, value]) => TEXTS.some((known) => known === name) && typeof value === 'string',
  );
  const complete = ['leaf', 'proof', 'policy'].every((name) => Object.hasOwn(texts, name));
  return wellKnown && complete ? (rest as unknown as Bundle) : undefined;
}

function isSchema(schema: JsonValue | undefined): boolean {
  if (schema === undefined) return true;
  if (!isJsonObject(schema) || Object.keys(schema).sort().join() !== 'references,text') return false;
  const { text, references } = schema;
  return typeof text === 'string' && Array.isArray(references) && references.every((one) => typeof one === 'string');
}

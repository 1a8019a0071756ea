import type { Bundle } from '#evidence';
import { askJson } from '../fetch.js';

interface Registered {
  readonly schema: string;
  readonly references?: readonly { readonly subject: string; readonly version: number }[];
}

/** The schema that an envelope names, from the registry; undefined where it is not to be had. */
export async function schemaOf(registry: string, envelope: string): Promise<Bundle['schema']> {
  const claims = JSON.parse(Buffer.from(envelope.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
    schema?: { subject?: string; version?: number };
  };
  const { subject, version } = claims.schema ?? {};
  if (subject === undefined || version === undefined) return undefined;
  const found = await registered(registry, subject, version);
  if (found === undefined) return undefined;
  const references = await Promise.all((found.references ?? []).map((one) => digestOf(registry, one.subject, one.version)));
  return { text: found.schema, references: references.flatMap((digest) => digest ?? []) };
}

async function digestOf(registry: string, subject: string, version: number): Promise<string | undefined> {
  const { schemaDigest } = await import('#schema');
  const found = await registered(registry, subject, version);
  if (found === undefined) return undefined;
  const references = await Promise.all((found.references ?? []).map((one) => digestOf(registry, one.subject, one.version)));
  return schemaDigest(
    found.schema,
    references.flatMap((digest) => digest ?? []),
  );
}

async function registered(registry: string, subject: string, version: number): Promise<Registered | undefined> {
  const { status, body } = await askJson(`${registry}/subjects/${encodeURIComponent(subject)}/versions/${version}`);
  return status === 200 ? (body as Registered) : undefined;
}

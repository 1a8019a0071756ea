import { readFileSync } from 'node:fs';
import type { RecordType } from '#record';
import type { Instance } from './instance.js';

/** Registers a schema file as an operator would. Returns its id. */
export async function registerSchema(instance: Instance, file: string, subject: RecordType): Promise<number> {
  const answer = await fetch(`${instance.registry.url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { authorization: instance.registryAuthorization, 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schemaType: 'JSON', schema: readFileSync(file, 'utf8') }),
  });
  if (!answer.ok) throw new Error(`the registry answered ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: number }).id;
}

import { z } from 'zod';
import type { SchemaExtra } from '#schema';
import { RegistryError } from '../registry-error.js';

const text = z.string().max(10_000);
const rule = z.object({
  name: z.string().min(1).max(200),
  doc: text.nullish(),
  kind: z.enum(['TRANSFORM', 'CONDITION']).nullish(),
  mode: z.enum(['UPGRADE', 'DOWNGRADE', 'UPDOWN', 'WRITE', 'READ', 'WRITEREAD']).nullish(),
  type: z.string().max(100).nullish(),
  tags: z.array(text).nullish(),
  params: z.record(z.string(), text).nullish(),
  expr: text.nullish(),
  onSuccess: text.nullish(),
  onFailure: text.nullish(),
  disabled: z.boolean().nullish(),
});
const rules = z.array(rule).max(200).nullish();
const shape = z.object({ migrationRules: rules, domainRules: rules, encodingRules: rules, enableAt: text.nullish() });

/** Reads Confluent's rule set. Rules run in the clients' serializers, so they are kept and given back, never run. Throws 42210. */
export function readRuleSet(json: unknown): SchemaExtra | undefined {
  if (json === undefined || json === null) return undefined;
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    const at = parsed.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ');
    throw new RegistryError(42210, `The rule set is malformed at ${at}`);
  }
  const kept = Object.entries(parsed.data).filter(([, value]) => value !== null && value !== undefined);
  const names = kept.flatMap(([, value]) => (Array.isArray(value) ? value.map(({ name }) => name) : []));
  if (new Set(names).size < names.length) throw new RegistryError(42210, 'Two rules of the rule set have the same name.');
  return Object.fromEntries(kept);
}

import { z } from 'zod';
import { LEVELS, type Level } from '#compatibility';
import { RegistryError } from '../registry-error.js';
import type { ScopeValue } from '../store/scopes.js';
import { metadataShape, withoutNulls } from './register-request.js';
import { readRuleSet } from './rule-set.js';

/** What is in force where nothing was set. */
export const DEFAULT_LEVEL: Level = 'BACKWARD';

const word = z.string().max(300).nullish();
const shape = z.object({
  compatibility: z.string().nullish(),
  compatibilityPolicy: z.string().nullish(),
  compatibilityGroup: word,
  normalize: z.boolean().nullish(),
  validateFields: z.boolean().nullish(),
  validateNewSchemas: z.boolean().nullish(),
  validateRules: z.boolean().nullish(),
  alias: word,
  aliasForDeks: word,
  defaultMetadata: metadataShape.nullish(),
  overrideMetadata: metadataShape.nullish(),
  defaultRuleSet: z.unknown().optional(),
  overrideRuleSet: z.unknown().optional(),
});

/**
 * Reads the body of PUT /config, which calls `compatibility` what GET calls `compatibilityLevel`. Throws 42203 for a level or policy that
 * does not exist, 42210 for a malformed rule set and 42201 for anything else.
 */
export function readConfig(json: unknown): ScopeValue {
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    const at = parsed.error.issues.map((issue) => `/${issue.path.join('/')}`).join(', ');
    throw new RegistryError(42201, `The configuration is malformed at ${at}`);
  }
  const { compatibility, compatibilityPolicy, defaultRuleSet, overrideRuleSet, ...rest } = parsed.data;
  const level = compatibility?.toUpperCase();
  if (level !== undefined && !LEVELS.includes(level as Level))
    throw new RegistryError(42203, `The compatibility level is one of ${LEVELS.join(', ')}.`);
  const policy = compatibilityPolicy?.toUpperCase();
  if (policy !== undefined && policy !== 'STRICT' && policy !== 'LENIENT')
    throw new RegistryError(42203, 'The compatibility policy is STRICT or LENIENT.');
  const kept = withoutNulls({
    compatibilityLevel: level,
    compatibilityPolicy: policy,
    ...rest,
    defaultRuleSet: readRuleSet(defaultRuleSet),
    overrideRuleSet: readRuleSet(overrideRuleSet),
  });
  if (Object.keys(kept).length === 0) throw new RegistryError(42203, `The compatibility level is one of ${LEVELS.join(', ')}.`);
  return kept;
}

/** What PUT /config answers: the body under the names that it was sent with. */
export function configEcho({ compatibilityLevel, ...rest }: ScopeValue): ScopeValue {
  return compatibilityLevel === undefined ? rest : { compatibility: compatibilityLevel, ...rest };
}

/** The level of a configuration. */
export function levelOf(config: ScopeValue | undefined): Level {
  return LEVELS.find((level) => level === config?.compatibilityLevel) ?? DEFAULT_LEVEL;
}

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FaultError } from '#faults';
import { Secret } from './secret.js';

/** The environment as far as settings are concerned. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting: its environment variable, what it is for, and how its text becomes a value. */
export interface Setting<T> {
  readonly name: string;
  readonly about: string;
  readonly fallback?: T;
  /** What its text may be, in words for `docs/settings.md`. */
  readonly allowed: string;
  /** May be absent without a default. */
  readonly optional?: boolean;
  read(raw: string | undefined): { value: T } | { mistake: string };
  /** Secrets may also be given as a file named by `<name>_FILE`. */
  readonly fromFile?: boolean;
}

type Optional<T> = { default?: T };

interface Described<T> extends Optional<T> {
  readonly allowed: string;
}

function setting<T>(name: string, about: string, schema: z.ZodType<T>, more: Described<T>): Setting<T> {
  return {
    name,
    about,
    allowed: more.allowed,
    ...(more.default === undefined ? {} : { fallback: more.default }),
    read(raw) {
      if (raw === undefined || raw === '') {
        return more.default === undefined ? { mistake: 'is missing' } : { value: more.default };
      }
      const parsed = schema.safeParse(raw);
      return parsed.success ? { value: parsed.data } : { mistake: parsed.error.issues.map((issue) => issue.message).join(', ') };
    },
  };
}

/** A non-empty text. */
export const text = (name: string, about: string, more: Optional<string> = {}): Setting<string> =>
  setting(name, about, z.string(), { ...more, allowed: 'text' });

/** A whole number within bounds, both included. */
export function integer(name: string, about: string, more: { min: number; max: number; default?: number }): Setting<number> {
  const schema = z
    .string()
    .regex(/^-?[0-9]{1,15}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.number().min(more.min, `is below ${more.min}`).max(more.max, `is above ${more.max}`));
  const allowed = `whole number from ${more.min} to ${more.max}`;
  return setting(name, about, schema as unknown as z.ZodType<number>, { ...more, allowed });
}

/** `yes` or `no`. */
export function flag(name: string, about: string, more: Optional<boolean> = {}): Setting<boolean> {
  const schema = z.enum(['yes', 'no'], { error: 'is neither yes nor no' }).transform((answer) => answer === 'yes');
  return setting(name, about, schema as unknown as z.ZodType<boolean>, { ...more, allowed: 'yes or no' });
}

/** A comma-separated list with at least one entry. */
export function list(name: string, about: string, more: Optional<readonly string[]> = {}): Setting<readonly string[]> {
  const schema = z
    .string()
    .transform((raw) =>
      raw
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    )
    .pipe(z.array(z.string()).min(1, 'is an empty list'));
  return setting(name, about, schema as unknown as z.ZodType<readonly string[]>, { ...more, allowed: 'list with commas' });
}

/** One of the given words. */
export function oneOf<const T extends readonly [string, ...string[]]>(
  name: string,
  about: string,
  values: T,
  more: Optional<T[number]> = {},
): Setting<T[number]> {
  return setting<T[number]>(
    name,
    about,
    z.enum(values, { error: `is none of ${values.join(', ')}` }) as unknown as z.ZodType<T[number]>,
    { ...more, allowed: values.join(', ') },
  );
}

/** A secret from `name`, or from the file that `<name>_FILE` names. Optional ones are undefined when absent. */
export function secret(name: string, about: string): Setting<Secret>;
export function secret(name: string, about: string, more: { optional: true }): Setting<Secret | undefined>;
export function secret(name: string, about: string, more: { optional?: true } = {}): Setting<Secret | undefined> {
  return {
    name,
    about,
    allowed: 'secret',
    fromFile: true,
    optional: more.optional === true,
    read(raw) {
      if (raw !== undefined && raw !== '') return { value: new Secret(raw) };
      return more.optional === true ? { value: undefined } : { mistake: `is missing (or name a file in ${name}_FILE)` };
    },
  };
}

/** The values of a group of settings. */
export type SettingsOf<S extends Record<string, Setting<unknown>>> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/**
 * Reads all settings of a service at once and freezes them. Throws SETTINGS_INVALID that names every mistake, never a value.
 */
export function readSettings<S extends Record<string, Setting<unknown>>>(spec: S, env: Environment = process.env): SettingsOf<S> {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(spec)) {
    const read = rawOf(one, env);
    const result = 'mistake' in read ? read : one.read(read.raw);
    if ('mistake' in result) mistakes.push(`${one.name} ${result.mistake} (${one.about})`);
    else values[key] = result.value;
  }
  if (mistakes.length > 0) throw new FaultError('SETTINGS_INVALID', mistakes.join('; '));
  return Object.freeze(values) as SettingsOf<S>;
}

function rawOf(one: Setting<unknown>, env: Environment): { raw: string | undefined } | { mistake: string } {
  const file = one.fromFile === true ? env[`${one.name}_FILE`] : undefined;
  if (file === undefined || file === '') return { raw: env[one.name] };
  try {
    return { raw: readFileSync(file, 'utf8').trim() };
  } catch {
    return { mistake: `cannot be read from the file in ${one.name}_FILE` }; // the reason may quote the path of a secret
  }
}

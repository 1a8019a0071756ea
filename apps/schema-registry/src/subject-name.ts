import { readIngressTopic, recordType } from '#record';
import { RegistryError } from './registry-error.js';

/** The context that subjects without one belong to. */
export const DEFAULT_CONTEXT = '.';

const CONTEXT = /^\.[A-Za-z0-9._-]{0,100}$/;
const QUALIFIED = /^:([^:]*):(.*)$/s;
/** What a person can see, without what separates paths and contexts. */
const NAME = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}/\\:]{1,249}$/u;
const RESERVED = new Set(['__GLOBAL', '__EMPTY']);
const VALUE = '-value';

/**
 * The subject that a path names: `name` in the default context, `:.context:name` in another. Stock serializers ask for
 * `<topic>-value`: for an ingress topic that is the subject of its record type. Throws 42208.
 */
export function subjectName(raw: string): string {
  const { context, name } = parts(raw);
  if (!NAME.test(name) || RESERVED.has(name)) {
    throw new RegistryError(42208, 'A subject is 1 to 249 visible characters without slash, backslash and colon.');
  }
  const topic = context === DEFAULT_CONTEXT && name.endsWith(VALUE) ? readIngressTopic(name.slice(0, -VALUE.length)) : undefined;
  return qualified(context, topic?.type ?? name);
}

/** A subject, or a context alone as `:.context:`: what settings may be made for. Throws 42208. */
export function scopeName(raw: string): string {
  const { context, name } = parts(raw);
  return name === '' ? contextScope(context) : subjectName(raw);
}

/** `.` and `:.:` name the same context; also `context` without its dot is understood. Throws 42208. */
export function contextName(raw: string): string {
  const bare = raw.replace(/^:|:$/g, '');
  const context = bare.startsWith('.') ? bare : `.${bare}`;
  if (!CONTEXT.test(context)) throw new RegistryError(42208, 'A context is a dot and up to 100 of A-Z a-z 0-9 . _ -');
  return context;
}

/** The context of a subject that was checked. */
export function contextOf(subject: string): string {
  return QUALIFIED.exec(subject)?.[1] ?? DEFAULT_CONTEXT;
}

/** The scope of all subjects of a context; the default context has none of its own. */
export function contextScope(context: string): string {
  return context === DEFAULT_CONTEXT ? '' : `:${context}:`;
}

/** Whether a subject may be a record type; `orders.created-value` is the value of somebody's topic. */
export function isRecordType(subject: string): boolean {
  return recordType(subject) !== undefined && !/-(value|key)$/.test(subject);
}

/** A subject that another one refers to: without a context of its own it is looked for in that of the other. */
export function besides(subject: string, other: string): string {
  return other.startsWith(':') ? subjectName(other) : subjectName(qualified(contextOf(subject), other));
}

const qualified = (context: string, name: string): string => `${contextScope(context)}${name}`;

function parts(raw: string): { context: string; name: string } {
  const found = QUALIFIED.exec(raw);
  if (found === null) return { context: DEFAULT_CONTEXT, name: raw };
  const [, context = '', name = ''] = found;
  return { context: context === '' ? DEFAULT_CONTEXT : contextName(context), name };
}

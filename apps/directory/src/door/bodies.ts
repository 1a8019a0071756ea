import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parseStrict } from '#canonical';
import { FaultError } from '#faults';
import { readBody } from '#http';
import { instantOf, isBasis, MEMBER_KEY_PURPOSES, MEMBER_LEVELS } from '#policy';
import { memberId, type Registry, recordType, subsystemId } from '#record';

const MAX_BODY = 256 * 1024;
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** A text that is neither blank nor long. */
const line = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text.trim() !== '', 'is blank');
const named = <T>(read: (text: string) => T | undefined, like: string) =>
  z.string().transform((text, context): T => {
    const name = read(text);
    if (name !== undefined) return name;
    context.addIssue({ code: 'custom', message: `is not like ${like}` });
    return z.NEVER;
  });
const member = named(memberId, 'GE/GOV/7001');
const system = named(subsystemId, 'GE/GOV/7001/desk');
const type = named(recordType, 'population.person');
const registry = named((text) => (/^[a-z][a-z0-9-]{0,31}$/.test(text) ? (text as Registry) : undefined), 'population');
const instant = z.string().refine((text) => !Number.isNaN(instantOf(text)), 'is not like 2026-05-03T00:00:00Z');
const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'is not of a-z, 0-9 and -');
const jws = z.string().max(2000);
const why = line(500);

/** HTTPS, or plain HTTP to this machine; no user or password in it, since it is published. */
const webhook = z
  .string()
  .max(500)
  .refine((text) => {
    const url = URL.parse(text);
    const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
    return safe && url.username === '' && url.password === '' && url.hash === '';
  }, 'is no https address');
const endpoint = z
  .strictObject({
    kind: z.enum(['kafka', 'webhook', 'pull']),
    url: webhook.optional(),
    types: z.array(type).min(1).max(100).optional(),
    order: z.enum(['subject', 'none']).optional(),
  })
  .refine(({ kind, url }) => (kind === 'webhook') === (url !== undefined), 'has a url where it is a webhook, and only there');
const key = z.strictObject({
  jwk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  purpose: z.enum(MEMBER_KEY_PURPOSES),
  proof: jws,
});

const contacts = z.array(z.strictObject({ role: line(100), address: line(200) })).max(10);
const systemsWith = <T extends z.ZodType>(endpoints: T) =>
  z.array(z.strictObject({ id: system, name: line(200), endpoints })).max(100);

/** What each request may say; anything else in it is refused, since somebody meant something by it. */
export const BODIES = {
  invite: z.strictObject({
    id: member,
    name: line(200),
    level: z.enum(MEMBER_LEVELS).default('national'),
    parent: member.optional(),
    registries: z.array(registry).max(100).default([]),
    contacts: contacts.default([]),
    why,
  }),
  join: z.strictObject({
    invitation: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is no invitation'),
    keys: z.array(key).min(1).max(10),
    systems: systemsWith(z.array(endpoint).max(10).default([])),
  }),
  addKey: z.strictObject({ key, endorsement: jws }),
  update: z.strictObject({
    id: z.uuid(),
    change: z
      .strictObject({
        name: line(200).optional(),
        contacts: contacts.optional(),
        // Without a default: what was signed is what was sent.
        systems: systemsWith(z.array(endpoint).max(10)).optional(),
        revokeKeys: z
          .array(z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is no key'))
          .min(1)
          .max(10)
          .optional(),
      })
      .refine((change) => Object.keys(change).length > 0, 'changes nothing'),
    jws,
  }),
  officer: z.strictObject({ why }),
  purpose: z.strictObject({
    id,
    title: line(200),
    basis: z.custom<{ text: string; eli?: string }>(isBasis, 'is {"text"} with an "eli" where the law has one'),
    from: instant,
    until: instant.optional(),
    why,
  }),
  propose: z.strictObject({ terms: z.record(z.string(), z.unknown()), jws }),
  accept: z.strictObject({ jws }),
  revoke: z.strictObject({ why, jws }),
} as const;

/** Reads a body by one of {@link BODIES}. Throws DIRECTORY_REQUEST_INVALID that names each member which is not as it should be. */
export async function bodyOf<K extends keyof typeof BODIES>(
  request: IncomingMessage,
  kind: K,
): Promise<z.infer<(typeof BODIES)[K]>> {
  const parsed = parseStrict(await readBody(request, MAX_BODY));
  if (!parsed.ok) throw new FaultError('DIRECTORY_REQUEST_INVALID', `the body is no strict JSON (${parsed.code})`);
  const read = BODIES[kind].safeParse(parsed.value);
  if (read.success) return read.data as z.infer<(typeof BODIES)[K]>;
  const mistakes = read.error.issues.map(({ path, message }) => `/${path.map(String).join('/')} ${message}`);
  throw new FaultError('DIRECTORY_REQUEST_INVALID', mistakes.slice(0, 10).join('; '));
}

import { readFileSync } from 'node:fs';
import { FaultError } from '#faults';
import { Attempts, checkSecret, hashSecret, isLoopback, parseBasic } from '#http';
import { RegistryError } from '../registry-error.js';

/** What somebody may do. An administrator may do everything but approve what he wrote himself. */
export const ROLES = ['reader', 'developer', 'approver', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Who calls. */
export interface Caller {
  readonly user: string;
  readonly roles: ReadonlySet<Role>;
}

/** Says who calls and whether that is enough. */
export interface Access {
  /** The caller at address `from`, where he has one of these roles; nobody without a name `writes`. Throws 40101, 42901 and 40301. */
  identify(authorization: string | undefined, roles: readonly Role[], writes: boolean, from: string): Caller;
}

const HASH = /^sha-256:[A-Za-z0-9_-]{43}$/;
const USER = /^[A-Za-z0-9._@-]{1,64}$/;
const BEARER = /^Bearer +(\S{1,200})$/i;
const NOBODY: Caller = { user: 'anonymous', roles: new Set(['reader']) };

/**
 * Everybody may do everything, without a name. Only for tests and other people's tools on this machine: throws SETTINGS_INVALID where the
 * door would be open to others.
 */
export function openAccess(host: string): Access {
  if (!isLoopback(host))
    throw new FaultError('SETTINGS_INVALID', `KHIDI_REGISTRY_AUTH=none binds to loopback only, not to ${host}`);
  const caller: Caller = { user: 'anonymous', roles: new Set(ROLES) };
  return { identify: () => caller };
}

/**
 * Callers prove themselves by HTTP Basic authentication, or by their secret as a bearer token. An address that sent too many wrong secrets
 * is told so for the rest of a minute; the right secret always gets in.
 */
export class SecretAccess implements Access {
  readonly #attempts = new Attempts();
  readonly #byHash = new Map<string, Caller>();
  readonly #hashes = new Map<string, readonly string[]>();

  constructor(
    callers: ReadonlyMap<string, { readonly roles: readonly Role[]; readonly secrets: readonly string[] }>,
    private readonly anonymousReads: boolean,
    private readonly onRefused: () => void,
  ) {
    for (const [user, { roles, secrets }] of callers) {
      this.#hashes.set(user, secrets);
      for (const hash of secrets) this.#byHash.set(hash, { user, roles: new Set(roles) });
    }
  }

  identify(authorization: string | undefined, roles: readonly Role[], writes: boolean, from: string): Caller {
    if (authorization === undefined && !writes && this.anonymousReads && roles.includes('reader')) return NOBODY;
    const caller = this.#known(authorization ?? '');
    if (caller === undefined) {
      this.onRefused();
      if (this.#attempts.failed(from, Date.now())) throw new RegistryError(42901, 'Too many wrong secrets: wait a minute.');
      throw new RegistryError(40101, 'A secret is needed: HTTP Basic authentication with its user, or as a bearer token.');
    }
    if (!roles.some((role) => caller.roles.has(role))) {
      throw new RegistryError(
        40301,
        `User ${caller.user} may not do this: it needs the role ${roles.filter((one) => one !== 'administrator').join(' or ') || 'administrator'}.`,
      );
    }
    return caller;
  }

  /** Secrets have 256 random bits and are looked up by their hash, so that the time tells nothing that could be used. */
  #known(authorization: string): Caller | undefined {
    const basic = parseBasic(authorization);
    const secret = basic?.password ?? BEARER.exec(authorization)?.[1] ?? '';
    const hash = hashSecret(secret);
    const caller = this.#byHash.get(hash);
    if (caller === undefined || !checkSecret(secret, hash)) return undefined;
    return basic === undefined || this.#hashes.get(basic.user)?.includes(hash) === true ? caller : undefined;
  }
}

/**
 * Reads a callers file: `{"<user>": {"roles": ["developer", …], "secrets": ["sha-256:…"]}}`. A list of secrets alone means an
 * administrator. Throws SETTINGS_INVALID.
 */
export function readRegistryCallers(
  file: string,
): ReadonlyMap<string, { readonly roles: readonly Role[]; readonly secrets: readonly string[] }> {
  const wrong = () =>
    new FaultError('SETTINGS_INVALID', `${file} is not {"<user>": {"roles": [${ROLES.join(', ')}], "secrets": ["sha-256:…"]}}`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw wrong();
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong();
  return new Map(
    Object.entries(json).map(([user, value]: [string, unknown]) => {
      const { roles, secrets } = Array.isArray(value)
        ? { roles: ['administrator'], secrets: value as unknown[] }
        : (value as { roles: unknown; secrets: unknown });
      const areRoles = Array.isArray(roles) && roles.every((role): role is Role => ROLES.includes(role as Role));
      const areSecrets =
        Array.isArray(secrets) && secrets.every((hash): hash is string => typeof hash === 'string' && HASH.test(hash));
      if (!USER.test(user) || !areRoles || !areSecrets) throw wrong();
      return [user, { roles, secrets }];
    }),
  );
}

import { z } from 'zod';
import { FaultError } from '#faults';
import { type Membership, memberInTopic } from '#record';

/** What a broker lets one principal do before it slows it down: bytes a second each way, and percent of one request thread. */
export const CLIENT_QUOTAS = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage'] as const;
export type ClientQuota = (typeof CLIENT_QUOTAS)[number];

/** The limits of one principal; what it does not name is not limited. */
export interface PrincipalQuotas {
  readonly principal: string;
  readonly limits: ReadonlyMap<ClientQuota, number>;
}

const MEMBER = '<member>';
const limit = z.number().positive().optional();
const row = z.strictObject({
  /** Of the certificate; `<member>`: each member that no other row names. */
  name: z.string().regex(/^([A-Za-z0-9][A-Za-z0-9-]*|<member>)$/, 'is no name of a certificate, and not <member>'),
  producer_byte_rate: limit,
  consumer_byte_rate: limit,
  request_percentage: limit,
});
const table = z.strictObject({ principals: z.array(row) });

/**
 * Expands the table of `deploy/kafka/quotas.json` for the members that exist. A member with a row of its own has that one only. Throws
 * SETTINGS_INVALID that names every mistake.
 */
export function planClientQuotas(quotasJson: unknown, { members }: Membership): readonly PrincipalQuotas[] {
  const read = table.safeParse(quotasJson);
  if (!read.success) {
    const mistakes = read.error.issues.map(({ path, message }) => `/${path.map(String).join('/')} ${message}`);
    throw new FaultError('SETTINGS_INVALID', `quotas: ${mistakes.join('; ')}`);
  }
  const rows = read.data.principals;
  const named = rows.map(({ name }) => name);
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) throw new FaultError('SETTINGS_INVALID', `quotas: ${twice} stands there twice`);
  return rows.flatMap(({ name, ...limits }) => {
    const given = CLIENT_QUOTAS.flatMap((quota) => (limits[quota] === undefined ? [] : [[quota, limits[quota]] as const]));
    const principals =
      name === MEMBER ? members.map(({ id }) => memberInTopic(id)).filter((one) => !named.includes(one)) : [name];
    return principals.map((principal) => ({ principal, limits: new Map(given) }));
  });
}

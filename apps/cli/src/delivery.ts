import { type Command, Option } from 'commander';
import { proofAt } from './caller.js';
import { askJson, refuse } from './fetch.js';
import { requireInstance, requireService, type Where } from './local.js';
import { formatOption } from './output.js';

/** The options that say which delivery service, and as whom: an operator, or a subsystem by its id. */
export interface DeliveryFlags extends Where {
  readonly as: string;
  readonly delivery?: string;
  readonly secretFile?: string;
}

/** Gives a command the options of {@link DeliveryFlags} and the output format. What only a subsystem may do must name it. */
export const withDelivery = (command: Command, who: string, by: 'operator' | 'subsystem' = 'operator'): Command =>
  command
    .addOption(by === 'operator' ? asCaller(who).default('operator-1') : asCaller(who).makeOptionMandatory())
    .option('--delivery <URL>', 'the delivery service; without it that of the local instance')
    .option('--secret-file <file>', "the caller's secret; without it that of the local instance")
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption());

const asCaller = (who: string): Option => new Option('--as <caller>', who);

/** Where delivery answers, and what proves the caller there. */
export async function deliveryAt(flags: DeliveryFlags): Promise<{ readonly url: string; readonly authorization: string }> {
  const url = flags.delivery ?? requireService(requireInstance(flags), 'delivery').url;
  return { url: url.replace(/\/$/, ''), authorization: await proofAt('delivery', flags) };
}

/** Asks delivery, with a body by POST; ends the command with its fault where it says no. */
export async function askDelivery(flags: DeliveryFlags, path: string, body?: object): Promise<unknown> {
  const { url, authorization } = await deliveryAt(flags);
  const answer = await askJson(`${url}${path}`, {
    headers: { authorization },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (answer.status !== 200 && answer.status !== 202) refuse('The delivery service', answer.status, answer.body);
  return answer.body;
}

/** The query of what is asked for, with the mark before it; empty where nothing is. */
export function queryOf(asked: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(Object.entries(asked).filter((one): one is [string, string] => one[1] !== undefined));
  return query.size === 0 ? '' : `?${query}`;
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubsystemId } from '#record';
import { Secret } from '#settings';
import { webhookKey } from './sign-webhook.js';

/** Gives the key by which deliveries to a consumer are signed; undefined where there is none that can be used. */
export type WebhookKeys = (consumer: SubsystemId) => Promise<Buffer | undefined>;

/** Keys from a folder: `<consumer>.whsec` holds a secret of Standard Webhooks, as `GE-GOV-7002-pensions.whsec`. Read at each look. */
export function webhookKeysIn(folder: string): WebhookKeys {
  return async (consumer) => {
    const file = join(folder, `${consumer.replaceAll('/', '-')}.whsec`);
    const text = await readFile(file, 'latin1').catch(() => undefined);
    return text === undefined ? undefined : webhookKey(new Secret(text));
  };
}

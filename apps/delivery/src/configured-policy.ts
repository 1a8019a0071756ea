import type { FollowedConfiguration } from '#configuration';
import { encryptionKeyIn } from '#envelope';
import { FaultError } from '#faults';
import { memberOf } from '#record';
import type { CurrentPolicy, PolicySource, WebhookEndpoint } from './policy-source.js';
import type { ConsumerPseudonyms } from './pseudonyms/consumer-pseudonyms.js';

/** The configuration of the directory, as decisions ask for it: while there is none that is valid, nothing leaves. */
export function configuredPolicy(directory: FollowedConfiguration, pseudonyms?: ConsumerPseudonyms): PolicySource {
  let known: { readonly version: number; readonly current: CurrentPolicy } | undefined;
  const own = pseudonyms === undefined ? {} : { pseudonyms };
  return {
    current() {
      try {
        const { version, policy, members, keys } = directory.current();
        if (known?.version !== version) {
          const encryptionKey: CurrentPolicy['encryptionKey'] = (consumer, now) =>
            encryptionKeyIn({ keys: members.get(memberOf(consumer))?.keys ?? [] }, now);
          const signingKeys: CurrentPolicy['signingKeys'] = (consumer) => keys.get(memberOf(consumer)) ?? new Map();
          known = { version, current: { policy, webhooks: webhooksOf(members.values()), encryptionKey, signingKeys, ...own } };
        }
        return known.current;
      } catch (error) {
        if (error instanceof FaultError) return { fault: error.code };
        throw error;
      }
    },
    onChange: (listener) => directory.onChange(() => listener()),
  };
}

type Members = ReturnType<FollowedConfiguration['current']>['members'];

function webhooksOf(members: Iterable<Members extends ReadonlyMap<unknown, infer M> ? M : never>): WebhookEndpoint[] {
  return [...members].flatMap(({ systems }) =>
    systems.flatMap(({ id, endpoints }) =>
      endpoints.flatMap(({ kind, url, types, order = 'subject' }) =>
        kind === 'webhook' && url !== undefined ? [{ consumer: id, url, order, ...(types === undefined ? {} : { types }) }] : [],
      ),
    ),
  );
}

import { type FollowedConfiguration, followConfiguration } from '#configuration';
import { AUDIT_TOPIC } from '#evidence';
import type { MemberId } from '#record';
import type { StreamClient, Table } from '#stream';
import { describeError, type Logger, type Metrics } from '#telemetry';
import { Classifications } from './classify/classifications.js';
import type { ConfigurationKey } from './keys/configuration-key.js';
import { Publication } from './publish/publication.js';
import { Register } from './state/register.js';

/** How long after a change of a schema the configuration follows it, in milliseconds. */
const SOON_MS = 500;

/** What keeping a directory takes. */
export interface DirectoryParts {
  readonly client: StreamClient;
  readonly topics: { readonly directory: string; readonly configuration: string; readonly schemas: string };
  readonly iss: MemberId;
  readonly key: ConfigurationKey;
  readonly validSeconds: number;
  readonly renewSeconds: number;
  readonly now: () => Date;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'configurationVersion' | 'configurationExpiry'>;
}

/** A directory that publishes. */
export interface Directory {
  readonly register: Register;
  readonly followed: FollowedConfiguration;
  readonly published: Table;
  close(): Promise<void>;
}

/**
 * Reads everything that is known, publishes it, and renews that from then on. A renewal that fails is logged and tried again at the
 * next turn: what was published is valid for longer than a turn. Throws what stands in the way of the first one.
 */
export async function openDirectory(parts: DirectoryParts): Promise<Directory> {
  const { client, topics, iss, key, now, log } = parts;
  const openWriter = () => client.fencedWriter('directory', [topics.directory, AUDIT_TOPIC, topics.configuration]);
  const [table, published, schemas] = [topics.directory, topics.configuration, topics.schemas].map((topic) =>
    client.table(topic),
  );
  if (table === undefined || published === undefined || schemas === undefined) throw new TypeError('there are three tables');
  const classifications = new Classifications(schemas);
  const followed = followConfiguration(published, { anchors: key.anchors, now, log, metrics: parts.metrics });
  const publication = new Publication({
    ...{ iss, signer: key.signer, anchors: key.anchors, topic: topics.configuration, validSeconds: parts.validSeconds, now },
    classifications: () => classifications.current(),
  });
  const register = new Register({
    table,
    topic: topics.directory,
    openWriter,
    now,
    publish: (state, change, adds) => publication.next(state, change, adds),
    onAct: ({ action, by, subject }) => log.info('directory changed', { action, by, subject }),
  });
  await openWriter().then((writer) => writer.close()); // completes a torn write, which the tables would wait for
  await Promise.all([table.start(), published.start(), schemas.start()]);
  await register.renew();
  await published.caughtUp();
  const renew = () => {
    register.renew().catch((error: unknown) => log.error('the configuration was not renewed', describeError(error)));
  };
  const renewal = setInterval(renew, parts.renewSeconds * 1000);
  renewal.unref();
  // Schemas come many at a time; what they say of their fields must not wait for the next turn.
  let soon: NodeJS.Timeout | undefined;
  const end = schemas.onChange(() => {
    soon ??= setTimeout(() => {
      soon = undefined;
      renew();
    }, SOON_MS);
  });
  return {
    register,
    followed,
    published,
    async close() {
      clearInterval(renewal);
      clearTimeout(soon);
      end();
      await register.close();
      await Promise.all([table.close(), published.close(), schemas.close()]);
    },
  };
}

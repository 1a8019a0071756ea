import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type KeySet, readKeySet } from '#envelope';
import { FaultError } from '#faults';
import { type Erased, type MemberId, memberInTopic, type RecordType, recordType } from '#record';
import { type FollowedFile, followFile, openOrCreateSealedFile, readJsonFile, type Secret, type SettingsOf } from '#settings';
import { describeError, type Logger, type Metrics } from '#telemetry';
import type { adapterSettings } from '../settings.js';
import type { ContentDoor } from './content-door.js';
import { type ContentLimits, ContentStore } from './content-store.js';
import { SpentPermits } from './spent-permits.js';

const MIB = 1024 * 1024;
const HOUR = 60 * 60 * 1000;

/** The contents of an adapter that keeps some. */
export interface OpenContents {
  readonly door: ContentDoor;
  /** Forgets what belongs to a subject that was erased, at once. */
  erase(erased: Erased): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the store that the settings name and its key, which is made at the first start; undefined where no contents are to be kept. It is swept now and then
 * every hour. Throws SETTINGS_INVALID, KEY_FILE_UNREADABLE and KEY_SET_INVALID.
 */
export async function openContents(
  settings: SettingsOf<typeof adapterSettings>,
  provider: MemberId,
  passphrase: Secret,
  { now, log, metrics }: { readonly now: () => Date; readonly log: Logger; readonly metrics: Metrics },
): Promise<OpenContents | undefined> {
  if (settings.contentFolder === '') return undefined;
  const file = join(settings.keysFolder, `content-${memberInTopic(provider)}.key`);
  const { content: secret, created } = openOrCreateSealedFile(file, passphrase, () => randomBytes(32));
  if (created) log.warn('key of contents made: without a copy of its file they cannot be read', { file });
  const store = await ContentStore.open(settings.contentFolder, secret, limitsOf(settings), now);
  const keys = followKeys(settings.permitKeys, log);
  metrics.beforeScrape(() => metrics.contentBytes.set(store.usedBytes));
  const sweep = () =>
    store.sweep().then(
      (gone) => log.debug('contents swept', { gone }),
      (error: unknown) => log.error('contents could not be swept', describeError(error)),
    );
  void sweep();
  const timer = setInterval(() => void sweep(), HOUR).unref();
  return {
    door: { store, permits: new SpentPermits(provider, keys.current, now, () => keys.look()), metrics, log },
    async erase({ exchanges, keys: ingress }) {
      const [ids, keysOf] = [new Set(exchanges), new Set(ingress)];
      const gone = await store.erase(({ source, id, key }) => ids.has(`${source} ${id}`) || keysOf.has(key));
      log.info('contents of an erased subject removed', { gone });
    },
    async close() {
      clearInterval(timer);
      keys.close();
      await store.close();
    },
  };
}

function limitsOf(settings: SettingsOf<typeof adapterSettings>): ContentLimits {
  const days = new Map<RecordType, number>();
  for (const entry of settings.contentDaysOf) {
    const [, name = '', count = ''] = /^([^=]+)=([1-9]\d{0,4})$/.exec(entry) ?? [];
    const type = recordType(name);
    if (type === undefined) throw new FaultError('SETTINGS_INVALID', 'KHIDI_CONTENT_DAYS_OF is a list like property.parcel=365');
    days.set(type, Number(count));
  }
  return {
    mostBytes: settings.contentMiB * MIB,
    totalBytes: settings.contentTotalMiB * MIB,
    unnamedMs: settings.contentHours * HOUR,
    keptMs: (type) => (days.get(type) ?? settings.contentDays) * 24 * HOUR,
  };
}

/** The keys for permits as they are now; a file that comes or is replaced counts within seconds, one that is mistaken changes nothing. */
function followKeys(file: string, log: Logger): FollowedFile<KeySet> {
  if (file === '') return { current: () => new Map(), look: async () => undefined, close: () => undefined };
  // Delivery makes them at its first start, which may be later than ours.
  const read = (path: string): KeySet => (existsSync(path) ? readKeySet(readJsonFile(path)) : new Map());
  return followFile(file, read, {
    onRead: (keys) => log.info('keys for permits read', { keys: keys.size }),
    onMistake: (error) => {
      if (existsSync(file)) log.error('the keys for permits are not usable; the last ones stay', describeError(error));
    },
  });
}

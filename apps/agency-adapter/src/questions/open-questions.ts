import { readFileSync } from 'node:fs';
import { type FollowedConfiguration, followDirectory } from '#configuration';
import { SealingKeys } from '#consumer';
import { decryptionKeys, readPrivateKey } from '#envelope';
import { FaultError } from '#faults';
import { recordType } from '#record';
import type { SettingsOf } from '#settings';
import type { StreamClient } from '#stream';
import type { Logger, Metrics } from '#telemetry';
import type { Lifecycle } from '../lifecycle.js';
import type { Parts } from '../parts.js';
import type { adapterSettings } from '../settings.js';
import { notAgreed } from './agreed.js';
import { Questions } from './questions.js';

type QuestionSettings = Pick<
  SettingsOf<typeof adapterSettings>,
  'configurationAnchor' | 'questionType' | 'questionSeconds' | 'questionsAtOnce' | 'decryptionKeys'
>;

/**
 * What asks questions, where the adapter was given the keys of the directory; undefined without them, since nobody would say what is agreed.
 * Throws SETTINGS_INVALID, KEY_UNPROVEN, KEY_SET_INVALID and STREAM_TOPIC_MISSING.
 */
export async function openQuestions(
  settings: QuestionSettings,
  client: StreamClient,
  parts: Pick<Parts, 'handOver' | 'store' | 'now' | 'stopping'> & { readonly metrics: Metrics; readonly log: Logger },
  lifecycle: Lifecycle,
): Promise<Questions | undefined> {
  const { now, log, metrics } = parts;
  const { type, schemaVersion } = readQuestionType(settings.questionType);
  const decryption = decryptionKeys(settings.decryptionKeys.map((file) => readPrivateKey(readFileSync(file))));
  const directory: FollowedConfiguration | undefined = await followDirectory(client, settings.configurationAnchor, {
    ...{ now, log, metrics },
  });
  if (directory === undefined) return undefined;
  const table = client.table('keys');
  const keys = new SealingKeys(table, now);
  await table.start();
  const questions = new Questions({
    ...{ type, schemaVersion, keys, now, decryption, metrics },
    ...{ seconds: settings.questionSeconds, atOnce: settings.questionsAtOnce, stream: client },
    ...{ handOver: parts.handOver, store: parts.store, stopping: parts.stopping },
    notAgreed: (consumer, about, purpose) => notAgreed(directory.current(), { consumer, about, purpose, question: type }, now()),
  });
  lifecycle.onClose(async () => {
    await questions.close();
    directory.close();
    await table.close();
  });
  return questions;
}

function readQuestionType(text: string) {
  const [, name = '', version = ''] = /^([a-z0-9.-]+):([1-9][0-9]{0,8})$/.exec(text) ?? [];
  const type = recordType(name);
  if (type === undefined) throw new FaultError('SETTINGS_INVALID', 'KHIDI_QUESTION_TYPE is like exchange.question:1');
  return { type, schemaVersion: Number(version) };
}

import { join } from 'node:path';
import { commonSettings, type Instance, kafkaOf, readJsonFile, readMembers, readSettings } from '#settings';
import {
  type AccessPlan,
  ensureAccess,
  ensureClientQuotas,
  type KafkaPlace,
  kafkaAt,
  planAccess,
  planClientQuotas,
} from '#stream';
import { createLogger } from '#telemetry';
import { openAuthority } from './authority.js';
import { topicPlan } from './instance.js';
import type { ClosedKafka } from './kafka.js';
import { ROOT } from './root.js';
import type { State } from './state.js';

/** Makes topics and rules; the only one beside the broker itself that needs no rule. */
const ADMINISTRATOR = 'admin';
const log = createLogger('up', 'silent');

/** Who may do what in the Kafka of an instance. */
export function accessPlan({ membersFile, topicsFile }: Pick<Instance, 'membersFile' | 'topicsFile'>): AccessPlan {
  const table = readJsonFile(join(ROOT, 'deploy', 'kafka', 'acl.json'));
  return planAccess(table, readMembers(membersFile), topicPlan({ topicsFile, membersFile }));
}

/** What makes a broker a closed one, and how it is asked. */
export interface Closing extends ClosedKafka {
  /** Of the certificate that the broker shows. */
  readonly serial: string;
  readonly kafkaTls: NonNullable<Instance['kafkaTls']>;
}

/** Makes the authority and a certificate for everybody in the table, where they are missing or soon over. */
export function closing(
  folder: string,
  instance: Pick<Instance, 'membersFile' | 'topicsFile'>,
  hosts?: readonly string[],
): Closing {
  const tls = join(folder, 'tls');
  const { administrators, principals } = accessPlan(instance);
  const authority = openAuthority(tls);
  for (const name of [ADMINISTRATOR, ...principals]) authority.client(name);
  const kafkaTls = { ca: authority.ca, cert: join(tls, '<principal>.pem'), key: join(tls, '<principal>.key') };
  return { ...authority.broker(hosts), administrators, kafkaTls };
}

/** How servers that run already are asked: as the variables of our services say, which all share one certificate then. */
export function givenKafka(given: string): Pick<Instance, 'brokers'> & { readonly kafkaTls?: Instance['kafkaTls'] } {
  const { kafkaCa, kafkaCert, kafkaKey } = commonSettings;
  const place = kafkaAt({
    ...readSettings({ kafkaCa, kafkaCert, kafkaKey }),
    brokers: given.split(',').map((one) => one.trim()),
  });
  return { brokers: place.brokers, kafkaTls: place.tls };
}

/** Where the steps of `up` themselves ask. */
export const administered = (instance: Pick<Instance, 'brokers' | 'kafkaTls'>): KafkaPlace => kafkaOf(instance, ADMINISTRATOR);

/**
 * Makes the rules those of the table, where the broker is ours and closed: those of somebody else's cluster are his. `only` leaves out
 * everybody else. Gives the number of rules.
 */
export async function ensureRules({ current }: State, only?: string): Promise<number> {
  return current.kafka?.certificate === undefined ? 0 : makeRules(current, only);
}

/** Makes rules and quotas of a broker of ours those of the tables. Gives the number of rules. */
export async function makeRules(current: Instance, only?: string): Promise<number> {
  const plan = accessPlan(current);
  const rules = only === undefined ? plan.rules : plan.rules.filter(({ principal }) => principal === only);
  const address = { ...administered(current), clientId: 'khidi-up', log };
  await ensureAccess(address, { ...plan, rules });
  const table = readJsonFile(join(ROOT, 'deploy', 'kafka', 'quotas.json'));
  await ensureClientQuotas(address, planClientQuotas(table, readMembers(current.membersFile)));
  return rules.length;
}

import { FaultError } from '#faults';
import {
  deliveryTopic,
  ingressTopic,
  type Membership,
  outcomesTopic,
  type RecordType,
  recordType,
  type SubsystemId,
  sealedTopic,
  validatedTopic,
} from '#record';

/** What a topic is for. Handlers subscribe to roles, never to names. */
export const TOPIC_ROLES = [
  'ingress',
  'validated',
  'sealed',
  'outcomes',
  'evidence',
  'ledger',
  'dead-letter',
  'schemas',
  'schema-audit',
  'audit',
  'keys',
  'directory',
  'configuration',
  'epochs',
  'delivery',
  'delivery-state',
  'handovers',
  'receipts',
] as const;
export type TopicRole = (typeof TOPIC_ROLES)[number];

/** One topic that must exist. */
export interface PlannedTopic {
  readonly name: string;
  readonly role: TopicRole;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** All topics of an instance. `messageMaxBytes` is what the brokers accept as one batch. */
export interface TopicPlan {
  readonly topics: readonly PlannedTopic[];
  readonly messageMaxBytes: number;
}

/** The names of the topics of one role, in order. */
export function topicsOf(plan: TopicPlan, role: TopicRole): string[] {
  return plan.topics.filter((topic) => topic.role === role).map((topic) => topic.name);
}

/** What of a plan one service reads or writes: the topics of these roles, but of the dead letters only its own. */
export function partOf(plan: TopicPlan, service: string, roles: readonly TopicRole[]): TopicPlan {
  const own = ({ name, role }: PlannedTopic) =>
    roles.includes(role) && (role !== 'dead-letter' || name === deadLetterTopic(service));
  return { ...plan, topics: plan.topics.filter(own) };
}

/** `dead-letter.<service>`: where what a service cannot handle is kept whole. */
export function deadLetterTopic(service: string): string {
  return `dead-letter.${service}`;
}

/** One subsystem and one record type that it may be given. */
export interface Subscription {
  readonly consumer: SubsystemId;
  readonly type: RecordType;
}

/**
 * Expands the templates of `deploy/kafka/topics.json` for the members and record types that exist, and for the subscriptions that
 * agreements give rise to (delivery knows them; nobody else needs their topics). `retention.ms` names record types whose records are kept
 * for another time; `registers` names those of whose subjects the newest sealed record is kept for ever, so that a new consumer can have the
 * whole registry. Throws SETTINGS_INVALID that names every mistake of the file.
 */
export function planTopics(topicsJson: unknown, membership: Membership, subscriptions: readonly Subscription[] = []): TopicPlan {
  const mistakes: string[] = [];
  const root = object(topicsJson);
  const messageMaxBytes = root['message.max.bytes'];
  if (!isPositive(messageMaxBytes)) mistakes.push('/message.max.bytes is not a positive number');
  const services = list(root.services).filter((service): service is string => typeof service === 'string');
  const kept = readRetention(object(root['retention.ms']), mistakes);
  const registers = new Set(readRegisters(root.registers, mistakes).map(sealedTopic));
  const topics = list(root.templates).flatMap((entry, i) => {
    const template = readTemplate(object(entry), `/templates/${i}`, mistakes);
    if (template === undefined) return [];
    const ofType = template.name.endsWith(RECORD_TYPE);
    return expandTemplate(template.name, membership, services, subscriptions).map((name) => {
      const retention = ofType ? kept.find(([type]) => name.endsWith(`.${type}`))?.[1] : undefined;
      const forEver = template.role === 'sealed' && registers.has(name);
      return {
        ...template,
        name,
        config: {
          ...template.config,
          ...(retention === undefined ? {} : { 'retention.ms': retention }),
          ...(forEver ? KEPT_FOR_EVER : {}),
        },
      };
    });
  });
  const unknown = topics.filter((topic) => topic.name.includes('<'));
  for (const { name } of unknown) mistakes.push(`the template ${name} cannot be expanded`);
  if (topics.length === 0) mistakes.push('/templates is empty');
  if (mistakes.length > 0) throw new FaultError('SETTINGS_INVALID', `topics: ${mistakes.join('; ')}`);
  return { topics, messageMaxBytes: Number(messageMaxBytes) };
}

const RECORD_TYPE = '.<record type>';

/** Record types that are kept for another time than the templates say, and for how long. */
function readRetention(entries: Record<string, unknown>, mistakes: string[]): (readonly [string, string])[] {
  return Object.entries(entries).map(([type, ms]) => {
    if (recordType(type) === undefined) mistakes.push(`/retention.ms/${type} is no record type`);
    if (typeof ms !== 'string' || !/^[1-9][0-9]*$/.test(ms))
      mistakes.push(`/retention.ms/${type} is not a number of milliseconds as text`);
    return [type, String(ms)];
  });
}

/** Time removes nothing; compaction leaves the newest record of each key, and a tombstone takes that as well. */
const KEPT_FOR_EVER = { 'cleanup.policy': 'compact', 'retention.ms': '-1' } as const;

/** Whether a topic of the plan keeps the newest sealed record of each subject for ever. */
export function isRegister({ role, config }: Pick<PlannedTopic, 'role' | 'config'>): boolean {
  return role === 'sealed' && config['cleanup.policy'] === KEPT_FOR_EVER['cleanup.policy'];
}

function readRegisters(entries: unknown, mistakes: string[]): readonly RecordType[] {
  return list(entries).flatMap((entry, i) => {
    const type = typeof entry === 'string' ? recordType(entry) : undefined;
    if (type === undefined) mistakes.push(`/registers/${i} is no record type`);
    return type ?? [];
  });
}

function readTemplate(entry: Record<string, unknown>, at: string, mistakes: string[]): PlannedTopic | undefined {
  const role = TOPIC_ROLES.find((known) => known === entry.role);
  const config = object(entry.config);
  if (role === undefined) mistakes.push(`${at}/role is none of ${TOPIC_ROLES.join(', ')}`);
  if (typeof entry.name !== 'string') mistakes.push(`${at}/name is not a text`);
  if (!isPositive(entry.partitions)) mistakes.push(`${at}/partitions is not a positive number`);
  if (Object.values(config).some((value) => typeof value !== 'string')) mistakes.push(`${at}/config has a value that is no text`);
  if (role === undefined || typeof entry.name !== 'string' || !isPositive(entry.partitions)) return undefined;
  return { name: entry.name, role, partitions: entry.partitions, config: config as Record<string, string> };
}

/** All names that a template stands for. One that fits no known form is returned as it is. */
export function expandTemplate(
  template: string,
  membership: Membership,
  services: readonly string[],
  subscriptions: readonly Subscription[] = [],
): string[] {
  const types = [...new Set(membership.members.flatMap((member) => member.publishes))].sort();
  const each = (name: (type: RecordType) => string): string[] => types.map(name);
  switch (template) {
    case 'ingress.<member>.<record type>':
      return membership.members.flatMap((member) => member.publishes.map((type) => ingressTopic(member.id, type)));
    case 'validated.<record type>':
      return each(validatedTopic);
    case 'sealed.<record type>':
      return each(sealedTopic);
    case 'outcomes.<member>':
      return membership.members.map((member) => outcomesTopic(member.id));
    case 'delivery.<consumer>.<record type>':
      return subscriptions.map(({ consumer, type }) => deliveryTopic(consumer, type));
    case 'dead-letter.<service>':
      return services.map(deadLetterTopic);
    default:
      return [template];
  }
}

const isPositive = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

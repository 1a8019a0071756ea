import { z } from 'zod';
import { FaultError } from '#faults';
import { deliveryTopic, type Member, type Membership, memberInTopic } from '#record';
import { expandTemplate, type Subscription, type TopicPlan } from './plan.js';

/** What somebody may do. Reading and writing include describing. */
export type AccessOperation = 'read' | 'write' | 'create' | 'describe';
export type AccessResource = 'topic' | 'group' | 'transaction';

/** One right: to exactly this name, never to names that begin with it. */
export interface AccessRule {
  readonly principal: string;
  readonly resource: AccessResource;
  readonly name: string;
  readonly operation: AccessOperation;
}

/** All rights there are. Who is not named may do nothing; administrators, and only they, may do everything. */
export interface AccessPlan {
  readonly administrators: readonly string[];
  /** Everybody who has rights, in the order of the table. */
  readonly principals: readonly string[];
  readonly rules: readonly AccessRule[];
}

const MEMBER = '<member>';
const EVERY_TOPIC = '<every topic>';

const names = z.array(z.string().regex(/^[^*]+$/, 'has a wildcard')).default([]);
const row = z.strictObject({
  /** Of the certificate; `<member>`: one for each member, with that member's topics only. */
  name: z.string().regex(/^([a-z][a-z0-9-]*|<member>)$/, 'is no name in small letters, digits and hyphens, and not <member>'),
  /** Topics that it reads as the group of its own name, with one transactional producer for each partition. */
  consumes: names,
  /** Topics that it reads without a group. */
  reads: names,
  writes: names,
  /** Topics that it may make: those of agreements, which are concluded while everything runs. */
  creates: names,
  describes: names,
  /** Groups of others whose progress it may see. */
  groups: names,
  /** Transactional ids beside those of its partitions. */
  transactions: names,
});
const table = z.strictObject({
  administrators: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)).min(1),
  principals: z.array(row).min(1),
});
type Row = z.infer<typeof row>;

/**
 * Expands the table of `deploy/kafka/acl.json` for the members, record types and topics that exist. Throws SETTINGS_INVALID that names
 * every mistake: an unknown member of the file, a wildcard, a topic that is not planned, an administrator that is also a service.
 */
export function planAccess(aclJson: unknown, membership: Membership, topics: TopicPlan): AccessPlan {
  const read = table.safeParse(aclJson);
  if (!read.success) {
    const mistakes = read.error.issues.map(({ path, message }) => `/${path.map(String).join('/')} ${message}`);
    throw new FaultError('SETTINGS_INVALID', `access: ${mistakes.join('; ')}`);
  }
  const { administrators, principals: rows } = read.data;
  const owners = rows.flatMap((one) =>
    one.name === MEMBER ? membership.members.map((member) => owned(one, member)) : [owned(one)],
  );
  const rules = owners.flatMap(({ principal, row: one, member }) => rulesOf(one, principal, scopeOf(membership, member), topics));
  const principals = owners.map(({ principal }) => principal);
  const mistakes = [
    ...unknownTopics(rules, topics, scopeOf(membership).lanes).map((name) => `${name} is no topic of the plan`),
    ...principals.filter((name) => administrators.includes(name)).map((name) => `${name} is an administrator and has rules`),
    ...principals.filter((name, i) => principals.indexOf(name) !== i).map((name) => `${name} stands there twice`),
  ];
  if (mistakes.length > 0) throw new FaultError('SETTINGS_INVALID', `access: ${mistakes.join('; ')}`);
  return { administrators, principals, rules };
}

const owned = (one: Row, member?: Member) => ({
  row: one,
  principal: member === undefined ? one.name : memberInTopic(member.id),
  member,
});

/** Whose topics the templates of a row stand for. */
interface Scope {
  readonly membership: Membership;
  /** Every lane that an agreement may open: a consumer of these members, and any record type of the instance. */
  readonly lanes: readonly Subscription[];
}

function scopeOf(membership: Membership, member?: Member): Scope {
  const members = member === undefined ? membership.members : [member];
  const types = [...new Set(membership.members.flatMap(({ publishes }) => publishes))].sort();
  const lanes = members.flatMap(({ subsystems }) => subsystems.flatMap((consumer) => types.map((type) => ({ consumer, type }))));
  return { membership: { ...membership, members }, lanes };
}

function rulesOf(one: Row, principal: string, { membership, lanes }: Scope, plan: TopicPlan): readonly AccessRule[] {
  const all = plan.topics.map(({ name }) => name);
  const topics = (templates: readonly string[]) =>
    templates.flatMap((template) => (template === EVERY_TOPIC ? all : expandTemplate(template, membership, [], lanes)));
  const consumed = topics(one.consumes);
  const rules = (resource: AccessResource, operation: AccessOperation, of: readonly string[]): AccessRule[] =>
    of.map((name) => ({ principal, resource, name, operation }));
  const found = [
    ...rules('topic', 'read', [...consumed, ...topics(one.reads)]),
    ...rules('topic', 'write', topics(one.writes)),
    ...rules('topic', 'create', topics(one.creates)),
    ...rules('topic', 'describe', topics(one.describes)),
    ...rules('group', 'read', consumed.length === 0 ? [] : [principal]),
    ...rules('group', 'describe', one.groups),
    ...rules('transaction', 'write', [...producersOf(principal, consumed, plan), ...one.transactions]),
  ];
  return [...new Map(found.map((rule) => [JSON.stringify(rule), rule])).values()];
}

/** The transactional ids of `Pipeline`: literal too, since whoever may use an id may fence its owner. */
function producersOf(service: string, consumed: readonly string[], { topics }: TopicPlan): readonly string[] {
  return consumed.flatMap((topic) => {
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? 0;
    return Array.from({ length: partitions }, (_, partition) => transactionalId(service, topic, partition));
  });
}

/** The id of the transactional producer for one input partition of a service. */
export const transactionalId = (group: string, topic: string, partition: number): string => `${group}-${topic}-${partition}`;

function unknownTopics(rules: readonly AccessRule[], { topics }: TopicPlan, lanes: readonly Subscription[]): readonly string[] {
  const known = new Set([...topics.map(({ name }) => name), ...lanes.map(({ consumer, type }) => deliveryTopic(consumer, type))]);
  return [...new Set(rules.filter(({ resource, name }) => resource === 'topic' && !known.has(name)).map(({ name }) => name))];
}

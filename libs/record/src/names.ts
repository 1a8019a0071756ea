import { rememberingLatest } from './latest.js';

declare const brand: unique symbol;
/** A string that was checked once and keeps its meaning in the type. */
export type Brand<T, B extends string> = T & { readonly [brand]: B };

/** `GE/GOV/7001`: instance, class and code of an organisation, as in X-Road. */
export type MemberId = Brand<string, 'MemberId'>;
/** `GE/GOV/7001/civil-registry`: one information system of a member. */
export type SubsystemId = Brand<string, 'SubsystemId'>;
/** `population.person`: one kind of record of a registry; also its schema subject. */
export type RecordType = Brand<string, 'RecordType'>;
/** `population`: the first word of a record type. */
export type Registry = Brand<string, 'Registry'>;

const MEMBER = /^[A-Z0-9]{1,16}\/[A-Z0-9]{1,16}\/[A-Za-z0-9]{1,32}$/;
const SUBSYSTEM = /^[A-Z0-9]{1,16}\/[A-Z0-9]{1,16}\/[A-Za-z0-9]{1,32}\/[a-z0-9-]{1,32}$/;
const RECORD_TYPE = /^[a-z][a-z0-9-]{0,31}\.[a-z][a-z0-9-]{0,31}$/;

/** The member that `text` names, or undefined where it names none. */
export const memberId = rememberingLatest((text): MemberId | undefined => (MEMBER.test(text) ? (text as MemberId) : undefined));

/** The subsystem that `text` names, or undefined where it names none. */
export const subsystemId = rememberingLatest((text): SubsystemId | undefined =>
  SUBSYSTEM.test(text) ? (text as SubsystemId) : undefined,
);

/** The record type that `text` names, or undefined where it names none. */
export function recordType(text: string): RecordType | undefined {
  return RECORD_TYPE.test(text) ? (text as RecordType) : undefined;
}

/** The member that a subsystem belongs to. */
export function memberOf(subsystem: SubsystemId): MemberId {
  return subsystem.slice(0, subsystem.lastIndexOf('/')) as MemberId;
}

/** The registry that a record type belongs to. */
export function registryOf(type: RecordType): Registry {
  return type.slice(0, type.indexOf('.')) as Registry;
}

/** `GE/GOV/7001` as it stands in topic names: `GE-GOV-7001`. */
export function memberInTopic(member: MemberId): string {
  return member.replaceAll('/', '-');
}

/** `ingress.<member>.<record type>`: where one member's records of one type enter. */
export function ingressTopic(member: MemberId, type: RecordType): string {
  return `ingress.${memberInTopic(member)}.${type}`;
}

/** `validated.<record type>`: records that their schema accepts. */
export function validatedTopic(type: RecordType): string {
  return `validated.${type}`;
}

/** `sealed.<record type>`: the envelopes. */
export function sealedTopic(type: RecordType): string {
  return `sealed.${type}`;
}

/** `outcomes.<member>`: what became of one member's records. */
export function outcomesTopic(member: MemberId): string {
  return `outcomes.${memberInTopic(member)}`;
}

/** `delivery.<consumer>.<record type>`: what one subsystem may have of one type, as `delivery.GE-GOV-7002-pensions.population.person`. */
export function deliveryTopic(consumer: SubsystemId, type: RecordType): string {
  return `delivery.${consumer.replaceAll('/', '-')}.${type}`;
}

const INGRESS = /^ingress\.([A-Z0-9]{1,16})-([A-Z0-9]{1,16})-([A-Za-z0-9]{1,32})\.(.+)$/;

/** The member and record type that an ingress topic belongs to, or undefined for another topic. */
export function readIngressTopic(topic: string): { member: MemberId; type: RecordType } | undefined {
  const parts = INGRESS.exec(topic);
  const type = recordType(parts?.[4] ?? '');
  if (parts === null || type === undefined) return undefined;
  return { member: `${parts[1]}/${parts[2]}/${parts[3]}` as MemberId, type };
}

const DELIVERY = /^delivery\.([A-Z0-9]{1,16})-([A-Z0-9]{1,16})-([A-Za-z0-9]{1,32})-([a-z0-9-]{1,32})\.(.+)$/;

/** The consumer and record type that a delivery topic belongs to, or undefined for another topic. */
export function readDeliveryTopic(topic: string): { consumer: SubsystemId; type: RecordType } | undefined {
  const parts = DELIVERY.exec(topic);
  const type = recordType(parts?.[5] ?? '');
  if (parts === null || type === undefined) return undefined;
  return { consumer: parts.slice(1, 5).join('/') as SubsystemId, type };
}

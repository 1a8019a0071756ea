import { FaultError } from '#faults';
import type { Endpoint, MemberKey, MemberSystem } from '#policy';
import { type Contact, type Done, instant, keysInUse, type MemberRecord, type Waiting } from '../state/records.js';
import type { Asked } from './life.js';

/** What a member changes about itself; what is absent stays as it is. */
export interface OwnChange {
  readonly id: string;
  readonly name?: string;
  readonly contacts?: readonly Contact[];
  /** All of its systems, with all of their endpoints. */
  readonly systems?: readonly MemberSystem[];
  /** Keys of its own that it trusts no more. */
  readonly revokeKeys?: readonly string[];
}

const MOST_WAITING = 10;
const MOST_KEYS = 32;
/** Of its own accord; more than anybody needs, and each one makes a new configuration that every service reads. */
const MOST_A_DAY = 50;
/** A statement holds for a day and a minute: within that time it is known which ones were made. */
const DAY_MS = 25 * 3_600_000;
/** How many of its own acts stand in its record, which must go on to fit into one message when it is stopped. The audit topic has all. */
const MOST_KEPT = 200;

/**
 * What the member asks, whose signature the caller has checked. Name, contacts, names of systems and whatever only takes away are in force at
 * once; an endpoint that begins to receive waits for an officer, and the systems that were asked for before wait no more. Throws MEMBER_STATE for
 * one that does not take part, for a change that was made before, after 50 of its acts in a day, and where no key for agreements would be left.
 */
export function update(member: MemberRecord, change: OwnChange, asked: Asked): MemberRecord {
  takesPart(member);
  const act = done(`update ${change.id}`, asked);
  if (member.acts.some((one) => one.act === act.act)) throw refused('this change was made before');
  const { name = member.name, contacts = member.contacts, systems, revokeKeys = [] } = change;
  const kept = systems === undefined ? member.systems : withoutNew(member.systems, systems);
  const waits = systems === undefined || receivesAlready(kept, systems) ? [] : [{ ...waiting(change.id, asked), systems }];
  const before = (member.waiting ?? []).filter((one) => systems === undefined || one.systems === undefined);
  const revoked = revokeKeys.reduce((one, kid) => withoutKey(one, kid, asked), member);
  const next = { ...revoked, name, contacts, systems: kept, acts: withOwn(member, act, asked) };
  return withWaiting(next, [...before, ...waits]);
}

/**
 * A further key, whose proof by the key itself and endorsement by an older one for agreements the caller has checked: it waits for an officer,
 * since whoever has it acts for the member. Throws MEMBER_STATE.
 */
export function addKey(member: MemberRecord, key: MemberKey, asked: Asked): MemberRecord {
  takesPart(member);
  const keys = [...member.keys, ...(member.waiting ?? []).flatMap((one) => one.key ?? [])];
  if (keys.some(({ kid }) => kid === key.kid)) throw refused('it has this key already');
  if (keys.length >= MOST_KEYS) throw refused(`it has ${MOST_KEYS} keys`);
  const acts = withOwn(member, done(`add-key ${key.kid}`, asked), asked);
  return withWaiting({ ...member, acts }, [...(member.waiting ?? []), { ...waiting(key.kid, asked), key }]);
}

/** Puts in force what waits, as a second person. Throws MEMBER_STATE, and MEMBER_CHANGE_UNKNOWN where nothing with this id waits. */
export function approveChange(member: MemberRecord, id: string, asked: Asked): MemberRecord {
  takesPart(member);
  const { change, others } = taken(member, id);
  const { systems = member.systems, key } = change;
  // A key counts from when somebody else agreed to it: what it signed before holds nowhere.
  const keys = key === undefined ? member.keys : [...member.keys, { ...key, nbf: Math.floor(asked.at.getTime() / 1000) }];
  return withWaiting({ ...member, systems, keys, acts: [...member.acts, done(`approve-change ${id}`, asked)] }, others);
}

/** Drops what waits. Throws MEMBER_CHANGE_UNKNOWN. */
export function declineChange(member: MemberRecord, id: string, asked: Asked): MemberRecord {
  const { others } = taken(member, id);
  return withWaiting({ ...member, acts: [...member.acts, done(`decline-change ${id}`, asked)] }, others);
}

/** The systems asked for, with no endpoint that does not receive already. */
function withoutNew(now: readonly MemberSystem[], asked: readonly MemberSystem[]): readonly MemberSystem[] {
  const known = new Map(now.map((system) => [system.id, system.endpoints.map(textOf)]));
  return asked.flatMap((system) => {
    const own = known.get(system.id);
    if (own === undefined) return [];
    const endpoints = system.endpoints.filter((endpoint) => own.includes(textOf(endpoint)));
    // A system that keeps none of its endpoints moves: it receives where it did until the new place is approved.
    const moves = endpoints.length === 0 && system.endpoints.length > 0;
    return [moves ? { ...system, endpoints: now.find(({ id }) => id === system.id)?.endpoints ?? [] } : { ...system, endpoints }];
  });
}

const receivesAlready = (kept: readonly MemberSystem[], asked: readonly MemberSystem[]): boolean =>
  placesOf(kept) === placesOf(asked);
const placesOf = (systems: readonly MemberSystem[]): string =>
  JSON.stringify(systems.map(({ id, endpoints }) => [id, endpoints.map(textOf).sort()]).sort());
const textOf = ({ kind, url, types, order }: Endpoint): string => JSON.stringify([kind, url, types, order]);

function withoutKey(member: MemberRecord, kid: string, { at }: Asked): MemberRecord {
  const inUse = keysInUse(member);
  const found = inUse.find((key) => key.kid === kid);
  if (found === undefined) throw refused('it has no such key in use');
  const left = inUse.filter(({ purpose }) => purpose === 'agreement').length;
  if (found.purpose === 'agreement' && left === 1) throw refused('it would have no key for agreements');
  const revoked = { revoked_at: Math.floor(at.getTime() / 1000) };
  return { ...member, keys: member.keys.map((key) => (key.kid === kid ? { ...key, revoked } : key)) };
}

function taken({ waiting: all = [] }: MemberRecord, id: string) {
  const change = all.find((one) => one.id === id);
  if (change === undefined) throw new FaultError('MEMBER_CHANGE_UNKNOWN');
  return { change, others: all.filter((one) => one !== change) };
}

/** The acts with one more of the member itself, without its oldest own ones. */
function withOwn({ id, acts }: MemberRecord, act: Done, { at }: Asked): readonly Done[] {
  const own = acts.filter((one) => one.by === id && one.act !== 'join');
  const since = instant(new Date(at.getTime() - DAY_MS));
  if (own.filter((one) => one.at > since).length >= MOST_A_DAY) throw refused(`it made ${MOST_A_DAY} changes within a day`);
  const gone = new Set(own.slice(0, Math.max(0, own.length + 1 - MOST_KEPT)));
  return [...acts.filter((one) => !gone.has(one)), act];
}

function withWaiting({ waiting: _before, ...member }: MemberRecord, all: readonly Waiting[]): MemberRecord {
  if (all.length > MOST_WAITING) throw refused(`${MOST_WAITING} changes wait already`);
  return all.length === 0 ? member : { ...member, waiting: all };
}

function takesPart({ state }: MemberRecord): void {
  if (state !== 'approved') throw refused(`it is ${state}`);
}

const waiting = (id: string, { at }: Asked) => ({ id, at: instant(at) });
const done = (act: string, { by, at, why }: Asked): Done => ({ act, by, at: instant(at), why });
const refused = (why: string) => new FaultError('MEMBER_STATE', why);

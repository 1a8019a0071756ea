import { type MemberId, memberId, memberOf, type RecordType, recordType, type SubsystemId, subsystemId } from './names.js';

/** One member of the instance and what it may publish. */
export interface Member {
  readonly id: MemberId;
  readonly name: string;
  readonly subsystems: readonly SubsystemId[];
  readonly publishes: readonly RecordType[];
  /** Whether it seals every record itself, so that one without a seal is refused. */
  readonly seals?: boolean;
}

/** Who takes part: the operator that seals, and the members that publish. */
export interface Membership {
  readonly operator: MemberId;
  readonly members: readonly Member[];
}

/**
 * Reads a members file (`deploy/local/members.json`): `{operator, members: [{id, name, subsystems: [code], publishes: [type]}]}`.
 * Returns every mistake it finds in words, with its place, instead of a membership.
 */
export function readMembership(json: unknown): { membership: Membership } | { mistakes: string[] } {
  const mistakes: string[] = [];
  const root = object(json);
  const operator = memberId(text(root.operator));
  if (operator === undefined) mistakes.push('/operator is not a member id like GE/GOV/0001');
  const members = list(root.members).map((entry, i) => readMember(object(entry), `/members/${i}`, mistakes));
  if (members.length === 0) mistakes.push('/members is empty');
  const known = members.filter((m): m is Member => m !== undefined);
  const seen = new Set<MemberId>();
  for (const { id } of known) {
    if (seen.has(id)) mistakes.push(`/members names ${id} twice`);
    seen.add(id);
  }
  return operator === undefined || mistakes.length > 0 ? { mistakes } : { membership: { operator, members: known } };
}

function readMember(entry: Record<string, unknown>, at: string, mistakes: string[]): Member | undefined {
  const id = memberId(text(entry.id));
  if (id === undefined) {
    mistakes.push(`${at}/id is not a member id like GE/GOV/7001`);
    return undefined;
  }
  const subsystems = list(entry.subsystems).map((code, i) => {
    const subsystem = subsystemId(`${id}/${text(code)}`);
    if (subsystem === undefined || memberOf(subsystem) !== id) mistakes.push(`${at}/subsystems/${i} is not a subsystem code`);
    return subsystem;
  });
  const publishes = list(entry.publishes).map((type, i) => {
    const known = recordType(text(type));
    if (known === undefined) mistakes.push(`${at}/publishes/${i} is not a record type like address.locality`);
    return known;
  });
  if (entry.seals !== undefined && typeof entry.seals !== 'boolean') mistakes.push(`${at}/seals is neither true nor false`);
  return {
    id,
    ...(entry.seals === true ? { seals: true } : {}),
    name: text(entry.name),
    subsystems: subsystems.filter((s): s is SubsystemId => s !== undefined),
    publishes: publishes.filter((t): t is RecordType => t !== undefined),
  };
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

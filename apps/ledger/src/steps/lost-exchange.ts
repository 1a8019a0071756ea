import { jtiOf } from '#envelope';
import type { FaultCode } from '#faults';
import { HEADER, type MemberId, memberOf, type ReceivedRecord, readIngressTopic, subsystemId } from '#record';
import type { Draft } from './read-sealed.js';

/** An exchange that its member was told is sealed and that gets no leaf, unless one of that name is in the log already. */
export interface LostExchange {
  /** The leaf that it would have had. */
  readonly draft: Draft;
  readonly member: MemberId;
  /** Where its record came in, as `topic/partition/offset`. */
  readonly ingress: string;
  readonly id: string;
  readonly source: string;
  readonly type?: string;
}

const INGRESS = /^(?<topic>[A-Za-z0-9._-]{1,249})\/(0|[1-9][0-9]{0,8})\/(0|[1-9][0-9]{0,18})$/;

/**
 * Whose exchange is lost with a sealed record that holds no more; undefined where it was never one. Signing seals only with a key that is
 * valid, so only a key that was revoked before the record was logged makes this of an honest record: whatever else does not hold was
 * written by somebody else, and nobody is told anything in its name. What stands beside the envelope is a hint of signing; it must fit itself.
 */
export function lostExchange({ headers }: ReceivedRecord, fault: FaultCode, issuer: string): LostExchange | undefined {
  if (fault !== 'ENVELOPE_KEY_STATUS') return undefined;
  const [id, source, type, ingress] = [HEADER.id, HEADER.source, HEADER.type, HEADER.ingress].map((name) => {
    const value = headers[name];
    return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
  });
  const agency = subsystemId(source?.slice(1) ?? '');
  if (id === undefined || source === undefined || ingress === undefined || agency === undefined) return undefined;
  const member = memberOf(agency);
  if (readIngressTopic(INGRESS.exec(ingress)?.groups?.topic ?? '')?.member !== member) return undefined;
  const draft: Draft = { k: 'record', id: `${issuer}|${jtiOf(source, id)}`, s256: '' };
  return { draft, member, ingress, id, source, ...(type === undefined ? {} : { type }) };
}

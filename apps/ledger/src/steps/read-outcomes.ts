import { canonicalize, type JsonValue, sha256Base64url } from '#canonical';
import { decodeOutcomes, type Outcome, type ReceivedRecord } from '#record';
import type { Draft } from './read-sealed.js';

/** The leaves of the refusals in one event of an outcomes topic; undefined where it is no such event. */
export function readRefusals({ value }: ReceivedRecord): Draft[] | undefined {
  return decodeOutcomes(value)?.flatMap((outcome) => {
    const kind = KINDS[outcome.kind];
    return kind === undefined ? [] : [refusal(kind, outcome)];
  });
}

/** What a member was told of becomes a leaf where it is a refusal; `sealed` has its own, and a duplicate is its first record's. */
const KINDS: Readonly<Partial<Record<Outcome['kind'], 'rejection' | 'conflict'>>> = {
  rejected: 'rejection',
  conflict: 'conflict',
};

/** The position alone would come again on another cluster; with the time it does not. */
function refusal(k: 'rejection' | 'conflict', outcome: Outcome): Draft {
  const f = outcome.faults?.[0]?.code;
  return {
    k,
    id: `${outcome.ingress}@${outcome.at}`,
    s256: sha256Base64url(canonicalize(outcome as unknown as JsonValue)),
    ...(f === undefined ? {} : { f }),
  };
}

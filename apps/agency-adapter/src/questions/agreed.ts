import type { OpenConfiguration } from '#configuration';
import type { FaultReport } from '#faults';
import { decide, type Policy } from '#policy';
import { type MemberId, memberOf, type RecordType, type SubsystemId } from '#record';

/** Who asks for what, and with which record type questions are put. */
export interface Asked {
  readonly consumer: SubsystemId;
  readonly about: RecordType;
  readonly purpose: string;
  readonly question: RecordType;
}

/**
 * Whether somebody may answer: an agreement in force gives the consumer the type for the purpose, and another takes its member's questions to
 * who gives it. Gives what speaks against it, none where nothing does. It decides nothing for delivery, which asks the policy of that moment
 * itself: this only spares a caller the waiting.
 */
export function notAgreed({ policy }: Pick<OpenConfiguration, 'policy'>, asked: Asked, now: Date): readonly FaultReport[] {
  const { consumer, about, purpose, question } = asked;
  const faults: FaultReport[] = [];
  for (const provider of providersOf(policy, consumer, about)) {
    const answer = decide(policy, { consumer, provider, type: about, purpose, origin: STRONGEST }, now.getTime());
    if (!answer.permitted) faults.push(...answer.faults.map(({ code }) => ({ code, pointer: '/about' })));
    else {
      const refused = questionFaults(policy, memberOf(consumer), provider, question, now);
      if (refused.length === 0) return [];
      faults.push(...refused);
    }
  }
  return faults.length > 0 ? unique(faults) : [{ code: 'POLICY_NO_AGREEMENT', pointer: '/about' }];
}

/** How the origin will be proved is not known yet; that too is for delivery. */
const STRONGEST = 'seal';

function questionFaults(policy: Policy, asker: MemberId, owner: MemberId, type: RecordType, now: Date): readonly FaultReport[] {
  const faults: FaultReport[] = [];
  for (const [consumer, types] of policy.candidates) {
    if (memberOf(consumer) !== owner) continue;
    for (const { id, ready } of types.get(type) ?? []) {
      for (const purpose of new Set([...ready.values()].map(({ terms }) => terms.purpose))) {
        const request = { consumer, provider: asker, type, purpose, origin: STRONGEST, agreement: id } as const;
        const decision = decide(policy, request, now.getTime());
        if (decision.permitted) return [];
        faults.push(...decision.faults.map(({ code }) => ({ code, pointer: '' })));
      }
    }
  }
  return faults.length > 0 ? faults : [{ code: 'POLICY_NO_AGREEMENT', pointer: '' }];
}

function providersOf(policy: Policy, consumer: SubsystemId, type: RecordType): ReadonlySet<MemberId> {
  const candidates = policy.candidates.get(consumer)?.get(type) ?? [];
  return new Set(candidates.flatMap(({ ready }) => [...ready.values()].map(({ terms }) => terms.provider)));
}

function unique(faults: readonly FaultReport[]): readonly FaultReport[] {
  return [...new Map(faults.map((fault) => [`${fault.code} ${fault.pointer}`, fault])).values()];
}

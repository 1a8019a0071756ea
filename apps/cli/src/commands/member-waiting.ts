import type { Endpoint, MemberKey, MemberSystem, Participant } from '#policy';

/** A member as officers see it: with what it asked for and is not in force yet. */
export interface WaitingMember extends Participant {
  readonly waiting?: readonly { readonly id: string; readonly systems?: readonly MemberSystem[]; readonly key?: MemberKey }[];
}

/** One sentence for each change that waits: an officer has to see what it is before agreeing to it. */
export function waitingLines(members: readonly WaitingMember[]): readonly string[] {
  return members.flatMap(({ id: member, waiting = [] }) =>
    waiting.map(({ id, systems, key }) => {
      const wish = key === undefined ? (systems ?? []).map(systemInWords).join('; ') : `a further key for ${key.purpose}`;
      return `${member} asks in ${id} for ${wish}.`;
    }),
  );
}

/** What was decided, in one sentence: a change that is dropped or in force says nothing of the member as a whole. */
export function decisionLine(member: Participant, act: 'approve' | 'decline' | 'suspend', change: string | undefined): string {
  if (change === undefined) return `${member.id} is ${member.state}.`;
  return `Change ${change} of ${member.id} is ${act === 'approve' ? 'in force' : 'dropped'}.`;
}

const systemInWords = ({ name, endpoints }: MemberSystem): string =>
  `${name} to receive by ${endpoints.length === 0 ? 'nothing' : endpoints.map(endpointInWords).join(', ')}`;

const endpointInWords = (endpoint: Endpoint): string => endpoint.url ?? endpoint.kind;

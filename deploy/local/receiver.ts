import { join } from 'node:path';
import { type Membership, memberOf, type SubsystemId } from '#record';
import { demoAgreements, PLACES } from './demo-agreements.js';
import { webhookSecretFile } from './secrets.js';
import type { ServicePlan } from './service-plan.js';
import type { State } from './state.js';

const PORT = 18121;
/** So many deliveries the endpoint cannot keep while it has its defect. */
const DEFECT = 3;

/** The agency of the demonstration that is called by a webhook: the consumer of places. */
export function receiverOf(membership: Membership): SubsystemId | undefined {
  return demoAgreements(membership).find(({ type }) => type === PLACES)?.consumer;
}

/** Its endpoint (`examples/receiving-agency`), with a defect until it is `mended`; undefined where there is no such agency. */
export function planReceiver({ current }: State, membership: Membership, mended: boolean): ServicePlan | undefined {
  const consumer = receiverOf(membership);
  if (consumer === undefined) return undefined;
  const signing = current.services.find(({ kind }) => kind === 'signing')?.url ?? '';
  return {
    name: 'receiving-agency',
    kind: 'receiving-agency',
    member: memberOf(consumer),
    preferredPort: PORT,
    program: join('examples', 'receiving-agency', 'serve.js'),
    env: {
      CONSUMER: consumer,
      SECRET_FILE: webhookSecretFile(current.secretsFolder, consumer),
      KEYS_URL: `${signing}/.well-known/jwks.json`,
      ...(mended ? {} : { FAILS_UP_TO: String(DEFECT) }),
    },
  };
}

/** Where the directory says that the receiving agency is called, and for which records. */
export interface Hook {
  readonly consumer: SubsystemId;
  readonly url: string;
  readonly types: readonly string[];
}

/** The webhook of the receiving agency, where it runs. */
export function hookOf({ current }: State, membership: Membership): Hook | undefined {
  const consumer = receiverOf(membership);
  const url = current.services.find(({ kind }) => kind === 'receiving-agency')?.url;
  return consumer === undefined || url === undefined ? undefined : { consumer, url: `${url}/`, types: [PLACES] };
}

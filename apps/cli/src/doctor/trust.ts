import { readNote } from '#evidence';
import { ask, metricsOf, servicesOf } from './ask-service.js';
import { type Check, type Finding, type Patient, well, wrong } from './finding.js';
import { type Sample, samplesOf } from './samples.js';

const DAY = 86_400;
/** As in the alert KhidiKeyOld. */
const OLD_DAYS = 365;
const SOON_DAYS = 30;

/** Whether there is a key to seal with, how old it is, and whether one is about to expire. */
export const keys: Check = {
  name: 'keys',
  otherwise: 'Mend the signing service first, then look again.',
  look: async (patient) => {
    const [signing] = servicesOf(patient, 'signing');
    if (signing === undefined) return [wrong('keys', 'ill', 'no signing service', 'Start the instance: npm run up.')];
    const [answer, page] = await Promise.all([ask(signing, '/.well-known/jwks.json'), metricsOf(signing)]);
    const { keys: published = [] } = (await answer.json()) as { keys?: readonly { kid?: string; exp?: number }[] };
    return [
      published.length === 0
        ? wrong('keys', 'ill', 'no public key is published', 'Make a key active: khidi key list, khidi key activate.')
        : well('keys', `${published.length} public keys are published`),
      ...samplesOf(page, 'khidi_key_age_seconds').map(judgeAge),
      ...published.flatMap(({ kid = '', exp }) => (exp === undefined ? [] : [judgeExpiry(kid, exp, patient.now())])),
    ];
  },
};

export function judgeAge({ labels: { purpose = 'unnamed' }, value }: Sample): Finding {
  const days = Math.floor(value / DAY);
  if (days < OLD_DAYS) return well(`keys/${purpose}`, `the active one is ${days} days old`);
  return wrong(`keys/${purpose}`, 'watch', `the active one is ${days} days old`, 'Plan its rotation: docs/keys.md.');
}

export function judgeExpiry(kid: string, exp: number, now: Date): Finding {
  const days = Math.floor((exp - now.getTime() / 1000) / DAY);
  if (days >= SOON_DAYS) return well(`keys/${kid}`, `expires in ${days} days`);
  const seen = days < 0 ? 'has expired' : `expires in ${days} days`;
  return wrong(`keys/${kid}`, days < 0 ? 'ill' : 'watch', seen, 'Rotate it now: docs/keys.md.');
}

/** Whether the evidence log publishes, and whether its witnesses cosign. */
export const log: Check = {
  name: 'log',
  otherwise: 'Mend the ledger first: nothing is delivered without its leaf (docs/runbooks/alerts.md#khidiloglate).',
  look: async (patient) => {
    const [ledger] = servicesOf(patient, 'ledger');
    if (ledger === undefined) return [wrong('log', 'ill', 'no ledger', 'Start the instance: npm run up.')];
    const [checkpoint, cosigned, page] = await Promise.all([
      ask(ledger, '/checkpoint'),
      ask(ledger, '/checkpoint/cosigned'),
      metricsOf(ledger),
    ]);
    const size = await sizeOf(checkpoint);
    if (size === undefined) return [wrong('log', 'ill', 'no checkpoint is published', log.otherwise)];
    return [well('log', `${size} leaves`), ...judgeWitnesses(page, size, await sizeOf(cosigned))];
  },
};

/** The witnesses of a log of `size` leaves, of which a quorum has cosigned `cosigned`; undefined where it never has. */
export function judgeWitnesses(page: string, size: number, cosigned: number | undefined): readonly Finding[] {
  const witnesses = samplesOf(page, 'khidi_log_witness_cosigned');
  if (witnesses.length === 0) {
    const next = 'For evidence that others believe, name witnesses in KHIDI_WITNESS_POLICY (docs/evidence.md).';
    return [wrong('witnesses', 'watch', 'nobody witnesses the log', next)];
  }
  const silent = witnesses.filter(({ value }) => value === 0).map(({ labels: { witness = '' } }) => witness);
  const left = samplesOf(page, 'khidi_log_witness_window_seconds')[0]?.value;
  const next = 'Ask the members that run them: docs/runbooks/alerts.md#khidiwitnessesmissing.';
  const quorum =
    cosigned === undefined
      ? wrong('witnesses', 'ill', 'no checkpoint has a quorum yet', next)
      : well(
          'witnesses',
          `a quorum cosigned ${cosigned} of ${size} leaves${left === undefined ? '' : `; window ${Math.round(left)} s`}`,
        );
  return [quorum, ...silent.map((witness) => wrong(`witnesses/${witness}`, 'watch', 'did not cosign when asked last', next))];
}

/** The second line of a checkpoint (C2SP tlog-checkpoint) is its size. */
async function sizeOf(answer: Response): Promise<number | undefined> {
  if (!answer.ok) return undefined;
  const size = Number(readNote(await answer.text())?.text.split('\n')[1]);
  return Number.isSafeInteger(size) ? size : undefined;
}

/** Whether the registry knows schemas and answers about them. */
export const schemas: Check = {
  name: 'schemas',
  otherwise: 'Mend the schema registry; validation goes on with the schemas that it knows.',
  look: async (patient: Patient) => {
    const [registry] = servicesOf(patient, 'schema-registry');
    if (registry === undefined) return [wrong('schemas', 'ill', 'no schema registry', 'Start the instance: npm run up.')];
    const versions = samplesOf(await metricsOf(registry), 'khidi_schema_versions')[0]?.value ?? 0;
    return [
      versions === 0
        ? wrong('schemas', 'ill', 'no schema is registered', 'Register them: khidi schema register, or npm run up.')
        : well('schemas', `${versions} versions`),
    ];
  },
};

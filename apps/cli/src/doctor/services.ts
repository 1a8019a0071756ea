import type { InstanceService } from '#settings';
import { ask, metricsOf } from './ask-service.js';
import { type Check, type Finding, type Patient, well, wrong } from './finding.js';
import { samplesOf } from './samples.js';

/** A seal carries the time of the machine that seals; what is further off than this is an alert, too. */
const SKEW_SECONDS = 2;

/** Whether each service can do its work, and what it waits for. */
export const readiness: Check = {
  name: 'services',
  otherwise: 'Start the instance: npm run up.',
  look: async ({ instance: { services } }) => {
    if (services.length === 0) return [wrong('services', 'ill', 'no service runs', 'Start the instance: npm run up.')];
    return Promise.all(services.map(readinessOf));
  },
};

async function readinessOf(service: InstanceService): Promise<Finding> {
  const { name, log } = service;
  const answer = await ask(service, '/health/ready').catch(() => undefined); // the finding says that it does not answer
  if (answer === undefined)
    return wrong(`services/${name}`, 'ill', 'does not answer', `Read the end of ${log}, then start it again: npm run up.`);
  if (answer.ok) return well(`services/${name}`, 'ready');
  const waiting = await waitingFor(answer);
  const next = `Mend ${waiting}, not the service: it goes on by itself (docs/runbooks/alerts.md#khidinotready).`;
  return wrong(`services/${name}`, 'ill', `waits for ${waiting}`, next);
}

async function waitingFor(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => undefined); // another kind of server
  const checks = typeof body === 'object' && body !== null && 'checks' in body ? body.checks : undefined;
  const named = Object.entries(typeof checks === 'object' && checks !== null ? checks : {})
    .filter(([, yes]) => yes === false)
    .map(([dependency]) => dependency);
  return named.length === 0 ? 'something that it does not name' : named.join(', ');
}

/** Whether the services' clocks agree with this machine's. */
export const clocks: Check = {
  name: 'clock',
  otherwise: 'Compare by hand: date -u on every machine.',
  look: async (patient) => {
    const answers = await Promise.all(patient.instance.services.map(async (service) => skewOf(patient, service)));
    const known = answers.filter((one) => one !== undefined);
    if (known.length === 0)
      return [wrong('clock', 'unknown', 'no service tells its time', 'Mend the services first, then look again.')];
    const off = known.filter(({ skew }) => skew > SKEW_SECONDS);
    if (off.length === 0) return [well('clock', `${known.length} services agree within ${SKEW_SECONDS} s`)];
    return off.map(({ name, skew }) =>
      wrong(`clock/${name}`, 'ill', `${skew.toFixed(1)} s off this machine`, 'Mend the clock: docs/runbooks/time-wrong.md.'),
    );
  },
};

/** How far a service's clock is outside the time that the question took; undefined where it does not answer. */
async function skewOf({ now }: Patient, service: InstanceService): Promise<{ name: string; skew: number } | undefined> {
  const before = now().getTime() / 1000;
  const page = await metricsOf(service).catch(() => undefined); // its readiness is a finding of its own
  const after = now().getTime() / 1000;
  const [clock] = samplesOf(page ?? '', 'khidi_clock_timestamp_seconds');
  if (clock === undefined) return undefined;
  return { name: service.name, skew: Math.max(0, before - clock.value, clock.value - after) };
}

/** As in the alert KhidiCertificateExpires. */
const EXPIRES_DAYS = 14;

/** Until when each service is let in to Kafka. */
export const certificates: Check = {
  name: 'certificates',
  otherwise: 'Mend the services first, then look again.',
  look: async ({ instance, now }) => {
    const pages = await Promise.all(
      instance.services.map(async (service) => {
        const page = await metricsOf(service).catch(() => ''); // its readiness is a finding of its own
        return samplesOf(page, 'khidi_certificate_expiry_timestamp_seconds').map(({ value }) => ({ name: service.name, value }));
      }),
    );
    return judgeCertificates(pages.flat(), now());
  },
};

/** `value` is when the certificate of a service ends, in seconds since 1970. */
export function judgeCertificates(
  known: readonly { readonly name: string; readonly value: number }[],
  now: Date,
): readonly Finding[] {
  const left = known.map(({ name, value }) => ({ name, days: Math.floor((value - now.getTime() / 1000) / 86_400) }));
  const soon = left.filter(({ days }) => days < EXPIRES_DAYS);
  if (known.length === 0) return [well('certificates', 'none is shown to Kafka')];
  if (soon.length === 0)
    return [
      well('certificates', `${left.length} for Kafka, the first ends in ${Math.min(...left.map(({ days }) => days))} days`),
    ];
  const next = 'Replace it: docs/runbooks/alerts.md#khidicertificateexpires.';
  return soon.map(({ name, days }) =>
    wrong(`certificates/${name}`, days < 0 ? 'ill' : 'watch', days < 0 ? 'is over' : `ends in ${days} days`, next),
  );
}

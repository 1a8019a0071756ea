import { metricsOf, servicesOf } from './ask-service.js';
import { type Check, type Finding, well, wrong } from './finding.js';
import { type Sample, samplesOf } from './samples.js';

const LAG_WATCH = 10_000;

/** Whether consumers get what is in the log, and what waits for the operator's decision. */
export const delivery: Check = {
  name: 'delivery',
  otherwise: 'Mend the delivery service first; records wait meanwhile and nothing is lost.',
  look: async (patient) => {
    const [service] = servicesOf(patient, 'delivery');
    if (service === undefined) return [wrong('delivery', 'ill', 'no delivery service', 'Start the instance: npm run up.')];
    return judgeDelivery(await metricsOf(service));
  },
};

/** What a metrics page of delivery says. */
export function judgeDelivery(page: string): readonly Finding[] {
  const lanes = samplesOf(page, 'khidi_delivery_lag_records');
  const behind = lanes.reduce((most, { value }) => Math.max(most, value), 0);
  const seen = `${lanes.length} consumers and types, at most ${behind} records behind the log`;
  const first = lanes.find(({ value }) => value === behind);
  const lag =
    first === undefined || behind < LAG_WATCH
      ? well('lag/delivery', seen)
      : wrong(
          'lag/delivery',
          'watch',
          `${seen} (${nameOf(first)})`,
          'See what keeps it: docs/runbooks/alerts.md#khidideliverybehind.',
        );
  return [
    lag,
    ...raised(page, 'khidi_delivery_waits').map((one) =>
      wrong(`delivery/${nameOf(one)}`, 'watch', 'gets nothing for now', 'See why: docs/runbooks/alerts.md#khidideliverywaits.'),
    ),
    ...raised(page, 'khidi_webhook_circuit_open').map((one) =>
      wrong(
        `webhook/${nameOf(one)}`,
        'watch',
        'fails and is given a rest',
        'Ask the consumer: docs/runbooks/alerts.md#khidiwebhookresting.',
      ),
    ),
    ...judgeLetters(samplesOf(page, 'khidi_dead_letters_open')),
  ];
}

const raised = (page: string, metric: string): readonly Sample[] => samplesOf(page, metric).filter(({ value }) => value === 1);
const nameOf = ({ labels: { consumer = '', record_type: type = '' } }: Sample): string => `${consumer}/${type}`;

function judgeLetters(open: readonly Sample[]): readonly Finding[] {
  const kept = open.filter(({ value }) => value > 0);
  if (kept.length === 0) return [well('dead letters', 'none is open')];
  return kept.map(({ labels: { given_up_by: service = '' }, value }) => {
    const next = 'Decide on them: khidi dead list, then replay or discard (docs/runbooks/alerts.md#khidideadlettersgrowing).';
    return wrong('dead letters', 'watch', `${value} of ${service} are open`, next);
  });
}

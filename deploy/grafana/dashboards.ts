import { type Choice, type Dashboard, lines, stat, table } from './panel.js';

const RATE = '[$__rate_interval]';
const REGISTRY: Choice = {
  name: 'registry',
  label: 'Registry',
  metric: 'khidi_records_received_total',
  of: 'record_type',
  regex: '/^([a-z0-9-]+)\\./',
};
const MEMBER: Choice = { name: 'member', label: 'Agency', metric: 'khidi_http_requests_total', of: 'member' };

/** What the night shift sees first: is anybody waiting, and for what. */
const overview: Dashboard = {
  uid: 'khidi-overview',
  title: 'Khidi: overview',
  about: 'For the night shift: green means that every record finds its way. Start here, then follow the alert to its runbook.',
  choices: [],
  panels: [
    stat('Services down', 'Services that Prometheus cannot reach.', 'short', 'count(up{job="khidi"} == 0) or vector(0)', {
      watch: 1,
      ill: 1,
    }),
    stat(
      'Dependencies away',
      'Services that wait for Kafka, Redis, keys, schemas or the log.',
      'short',
      'count(khidi_ready == 0) or vector(0)',
      { watch: 1, ill: 1 },
    ),
    stat(
      'Alerts firing',
      'Each has its steps in docs/runbooks/alerts.md.',
      'short',
      'count(ALERTS{alertstate="firing"}) or vector(0)',
      { watch: 1, ill: 3 },
    ),
    stat(
      'Records in',
      'Taken in by validation, a second.',
      'short',
      `sum(rate(khidi_records_received_total{service="validation"}${RATE}))`,
    ),
    stat('Sealed', 'Envelopes made, a second.', 'short', `sum(rate(khidi_records_sealed_total${RATE}))`),
    stat(
      'Dead letters today',
      'Records that a service gave up.',
      'short',
      'sum(increase(khidi_dead_letters_total[24h])) or vector(0)',
      { watch: 1, ill: 100 },
    ),
    lines(
      'Records on their way',
      'Received, accepted and rejected by validation: received is the sum of the others and of duplicates.',
      'reqps',
      [
        { expr: `sum(rate(khidi_records_received_total{service="validation"}${RATE}))`, legend: 'received' },
        { expr: `sum(rate(khidi_records_accepted_total{service="validation"}${RATE}))`, legend: 'accepted' },
        { expr: `sum(rate(khidi_records_rejected_total{service="validation"}${RATE}))`, legend: 'rejected' },
        { expr: `sum(rate(khidi_records_duplicate_total{service="validation"}${RATE}))`, legend: 'duplicate or conflict' },
      ],
    ),
    lines('To the envelope', 'From the ingress topic to the sealed envelope. The alert fires at five seconds.', 's', [
      {
        expr: `histogram_quantile(0.5, sum by (le) (rate(khidi_end_to_end_duration_seconds_bucket${RATE})))`,
        legend: 'half of all',
      },
      {
        expr: `histogram_quantile(0.99, sum by (le) (rate(khidi_end_to_end_duration_seconds_bucket${RATE})))`,
        legend: '99 of 100',
      },
    ]),
    lines('Waiting records', 'Behind in Kafka, by service: a line that grows for ten minutes is an alert.', 'short', [
      { expr: 'sum by (service) (khidi_consumer_lag_records)', legend: '{{service}}' },
    ]),
    lines('Rejected, by fault', 'khidi explain <fault> says what each means and who can mend it.', 'reqps', [
      { expr: `sum by (fault) (rate(khidi_records_rejected_total${RATE}))`, legend: '{{fault}}' },
    ]),
    lines(
      'Since the last heartbeat',
      'By stage of the road: a saw of ten seconds is good; the first stage that grows names the place.',
      's',
      [{ expr: 'time() - max by (stage) (khidi_heartbeat_timestamp_seconds)', legend: '{{stage}}' }],
    ),
    lines('Error budgets', 'How many times too fast each is spent, over an hour: below 1 is good, 14 is an alert.', 'short', [
      { expr: 'slo:burn:1h', legend: '{{slo}}' },
    ]),
    table('What is not ready', 'Look at the dependency, not at the service.', 'short', 'khidi_ready == 0'),
    table(
      'Builds',
      'More than one version is normal only during an upgrade.',
      'short',
      'count by (service, version, node) (khidi_build_info)',
    ),
  ],
};

/** One agency's end: its adapter, and the partitions that hold what it sent. */
const agency: Dashboard = {
  uid: 'khidi-agency',
  title: 'Khidi: by agency',
  about: 'What each agency sends, how its adapter answers, and whether Kafka takes it.',
  choices: [MEMBER],
  panels: [
    stat(
      'Adapters up',
      'Adapters that Prometheus can reach.',
      'short',
      'sum(up{job="khidi", service="agency-adapter", member=~"$member"})',
    ),
    stat(
      'Requests',
      'A second, all doors.',
      'reqps',
      `sum(rate(khidi_http_requests_total{service="agency-adapter", member=~"$member"}${RATE}))`,
    ),
    stat(
      'Records handed over',
      'A second, acknowledged by Kafka.',
      'reqps',
      `sum(rate(khidi_records_received_total{service="agency-adapter", member=~"$member"}${RATE}))`,
    ),
    stat(
      'Refused callers',
      'Wrong or missing credentials in an hour.',
      'short',
      'sum(increase(khidi_callers_refused_total{service="agency-adapter", member=~"$member"}[1h])) or vector(0)',
      { watch: 10, ill: 3600 },
    ),
    stat(
      'Failed publishes',
      'In an hour; the agency repeats with the same ids.',
      'short',
      'sum(increase(khidi_publish_failures_total{member=~"$member"}[1h])) or vector(0)',
      { watch: 1, ill: 100 },
    ),
    stat(
      'Slowest publish',
      '99 of 100 are faster.',
      's',
      `histogram_quantile(0.99, sum by (le) (rate(khidi_step_duration_seconds_bucket{service="agency-adapter", step="publish", member=~"$member"}${RATE})))`,
      { watch: 0.5, ill: 5 },
    ),
    lines('Answers of the door', '202 and 207 are good; 503 means that Kafka did not acknowledge.', 'reqps', [
      {
        expr: `sum by (member, status) (rate(khidi_http_requests_total{service="agency-adapter", member=~"$member"}${RATE}))`,
        legend: '{{member}} {{status}}',
      },
    ]),
    lines('Records by type', 'What the agencies send.', 'reqps', [
      {
        expr: `sum by (member, record_type) (rate(khidi_records_received_total{service="agency-adapter", member=~"$member"}${RATE}))`,
        legend: '{{member}} {{record_type}}',
      },
    ]),
    lines('Waiting on ingress topics', 'Sent and not yet judged; a topic names its agency.', 'short', [
      { expr: 'sum by (topic) (khidi_consumer_lag_records{topic=~"ingress[.].*"})', legend: '{{topic}}' },
    ]),
    lines('Failures of the door', 'By fault: khidi explain <fault>.', 'reqps', [
      {
        expr: `sum by (member, fault) (rate(khidi_publish_failures_total{member=~"$member"}${RATE}))`,
        legend: '{{member}} {{fault}}',
      },
    ]),
  ],
};

/** One registry: its record types, how many are refused and why. */
const registry: Dashboard = {
  uid: 'khidi-registry',
  title: 'Khidi: by registry',
  about: 'The record types of a registry: how many come, how many are refused and why, how long the road takes.',
  choices: [REGISTRY],
  panels: [
    stat(
      'Record types',
      'With records since the services started.',
      'short',
      'count(count by (record_type) (khidi_records_received_total{service="validation", record_type=~"($registry)[.].*"}))',
    ),
    stat(
      'Rejected',
      'Of all that came in five minutes; the alert fires at 5 %.',
      'percentunit',
      'max(record_type:khidi_reject:ratio5m{record_type=~"($registry)[.].*"})',
      { watch: 0.01, ill: 0.05 },
    ),
    stat(
      'Last record',
      'Of the type that was silent longest.',
      'dateTimeFromNow',
      'min(khidi_last_record_timestamp_seconds{service="validation", record_type=~"($registry)[.].*"}) * 1000',
    ),
    stat('Schemas', 'Versions that validation knows.', 'short', 'max(khidi_schema_versions{service="validation"})', {
      watch: 1,
      ill: 1,
      low: true,
    }),
    lines('Records by type', 'Received by validation.', 'reqps', [
      {
        expr: `sum by (record_type) (rate(khidi_records_received_total{service="validation", record_type=~"($registry)[.].*"}${RATE}))`,
        legend: '{{record_type}}',
      },
    ]),
    lines('Refused by fault', 'A new fault after a schema change: compare the versions with khidi schema diff.', 'reqps', [
      {
        expr: `sum by (record_type, fault) (rate(khidi_records_rejected_total{service="validation", record_type=~"($registry)[.].*"}${RATE}))`,
        legend: '{{record_type}} {{fault}}',
      },
    ]),
    lines(
      'Same id again',
      'Duplicates are repeats; conflicts are the same id with other content, a mistake of the sender.',
      'reqps',
      [
        {
          expr: `sum by (record_type, kind) (rate(khidi_records_duplicate_total{service="validation", record_type=~"($registry)[.].*"}${RATE}))`,
          legend: '{{record_type}} {{kind}}',
        },
      ],
    ),
    lines('99 of 100 are sealed within', 'From the ingress topic to the envelope.', 's', [
      { expr: 'record_type:khidi_end_to_end_seconds:p99_5m{record_type=~"($registry)[.].*"}', legend: '{{record_type}}' },
    ]),
  ],
};

/** Keys, seals, the evidence log and its witnesses. */
const trust: Dashboard = {
  uid: 'khidi-trust',
  title: 'Khidi: trust',
  about: 'Keys, seals, the evidence log and its witnesses: whatever is delivered must be provable.',
  choices: [],
  panels: [
    stat('Leaves', 'In the evidence log; never shrinks.', 'short', 'max(khidi_log_size_leaves)'),
    stat('Witnesses that cosign', 'Of those asked last.', 'short', 'sum(khidi_log_witness_cosigned)', {
      watch: 2,
      ill: 1,
      low: true,
    }),
    stat(
      'Window left',
      'So long the log goes on without a quorum, then it stops.',
      's',
      'min(khidi_log_witness_window_seconds)',
      { watch: 800, ill: 600, low: true },
    ),
    stat('Oldest key', 'Plan its rotation before a year is over.', 's', 'max(khidi_key_age_seconds)', {
      watch: 300 * 86_400,
      ill: 365 * 86_400,
    }),
    stat(
      'Sealed without a leaf',
      'Envelopes of ten minutes that the log has not taken in yet: near nothing.',
      'short',
      'clamp_min(sum(increase(khidi_records_sealed_total[10m])) - sum(increase(khidi_log_leaves_total{kind="record"}[10m])), 0)',
      { watch: 1000, ill: 100_000 },
    ),
    stat(
      'Clock',
      'The largest distance from the clock of Prometheus.',
      's',
      'max(abs(khidi_clock_timestamp_seconds - timestamp(khidi_clock_timestamp_seconds)))',
      { watch: 2, ill: 5 },
    ),
    lines('Leaves', 'By kind: a record and a refusal get one each.', 'reqps', [
      { expr: `sum by (kind) (rate(khidi_log_leaves_total${RATE}))`, legend: '{{kind}}' },
    ]),
    lines('Sealing that fails', 'Nothing leaves unsigned: records wait.', 'reqps', [
      {
        expr: `sum by (reason) (rate(khidi_stream_retries_total{service="signing", reason=~"KEY_.+|SEAL_.+"}${RATE}))`,
        legend: '{{reason}}',
      },
    ]),
    lines('Witnesses', '1 cosigned when asked last, 0 did not.', 'short', [
      { expr: 'khidi_log_witness_cosigned', legend: '{{witness}}' },
    ]),
    lines('Age of keys', 'A step down is a rotation.', 's', [{ expr: 'khidi_key_age_seconds', legend: '{{purpose}}' }]),
  ],
};

/** Kafka as the services see it. */
const kafka: Dashboard = {
  uid: 'khidi-kafka',
  title: 'Khidi: Kafka',
  about:
    'Kafka as the services see it: who waits, who tries again, how long a commit takes. The brokers have dashboards of their own.',
  choices: [],
  panels: [
    stat(
      'Cannot reach Kafka',
      'Services whose stream is not ready.',
      'short',
      'count(khidi_ready{dependency="kafka"} == 0) or vector(0)',
      { watch: 1, ill: 1 },
    ),
    stat('Waiting records', 'Of all services.', 'short', 'sum(khidi_consumer_lag_records)', { watch: 10_000, ill: 1_000_000 }),
    stat('In hand', 'Read and not yet committed.', 'short', 'sum(khidi_records_in_flight)'),
    stat('Tried again', 'Chunks in an hour.', 'short', 'sum(increase(khidi_stream_retries_total[1h])) or vector(0)', {
      watch: 10,
      ill: 1000,
    }),
    lines('Lag by partition', 'The ten that are furthest behind.', 'short', [
      { expr: 'topk(10, khidi_consumer_lag_records)', legend: '{{service}} {{topic}}/{{partition}}' },
    ]),
    lines('A commit takes', 'One transaction with all its records: a slow disk or broker shows here first.', 's', [
      {
        expr: `histogram_quantile(0.99, sum by (service, le) (rate(khidi_step_duration_seconds_bucket{step="commit"}${RATE})))`,
        legend: '{{service}}, 99 of 100',
      },
    ]),
    lines('Tried again, by reason', 'khidi explain <reason>.', 'reqps', [
      { expr: `sum by (service, reason) (rate(khidi_stream_retries_total${RATE}))`, legend: '{{service}} {{reason}}' },
    ]),
    lines('Memory of the services', 'Resident; flat after an hour.', 'bytes', [
      { expr: 'process_resident_memory_bytes{job="khidi"}', legend: '{{instance}}' },
    ]),
    lines('Event loop', 'How late Node is, 99 of 100: above a second its sessions are in danger.', 's', [
      { expr: 'nodejs_eventloop_lag_p99_seconds{job="khidi"}', legend: '{{instance}}' },
    ]),
    lines('Dead letters', 'Kept whole on dead-letter.<service>.', 'short', [
      { expr: 'sum by (service, fault) (increase(khidi_dead_letters_total[5m]))', legend: '{{service}} {{fault}}' },
    ]),
  ],
};

/** All dashboards, by the name of their file. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = { overview, agency, registry, trust, kafka };

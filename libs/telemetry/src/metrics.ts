import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const STEP_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const ROAD_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600];

/** All metrics there are: prefix `khidi_`, base units, no person and no record in any label. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Makes the metrics of one service. `render` gives the Prometheus text format. */
export function createMetrics(service: string, version = '0.1.0') {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name: `khidi_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge<L>({ name: `khidi_${name}`, help, labelNames: [...labelNames], registers: [registry] });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram<L>({ name: `khidi_${name}`, help, labelNames: [...labelNames], buckets, registers: [registry] });

  const metrics = {
    received: counter('records_received_total', 'Records taken in by this service', ['record_type']),
    accepted: counter('records_accepted_total', 'Records passed on by this service', ['record_type']),
    rejected: counter('records_rejected_total', 'Records refused, by the first fault', ['record_type', 'fault']),
    duplicates: counter('records_duplicate_total', 'Ids sent again: same content (duplicate) or other content (conflict)', [
      'record_type',
      'kind',
    ]),
    sealed: counter('records_sealed_total', 'Envelopes made', ['record_type']),
    inFlight: gauge('records_in_flight', 'Records read and not yet committed', []),
    lag: gauge('consumer_lag_records', 'Records between the last committed and the last readable one', ['topic', 'partition']),
    deadLetters: counter('dead_letters_total', 'Records kept as dead letters', ['fault']),
    streamRetries: counter('stream_retries_total', 'Chunks that had to be tried again', ['reason']),
    stepSeconds: histogram('step_duration_seconds', 'Time one chunk or request spends in a step', ['step'], STEP_SECONDS),
    roadSeconds: histogram(
      'end_to_end_duration_seconds',
      'From the ingress topic to the sealed envelope',
      ['record_type'],
      ROAD_SECONDS,
    ),
    lastRecord: gauge('last_record_timestamp_seconds', 'When the last record of a type was handled', ['record_type']),
    leaves: counter('log_leaves_total', 'Leaves added to the evidence log', ['kind']),
    logSize: gauge('log_size_leaves', 'Leaves in the evidence log', []),
    indexSize: gauge('log_index_leaves', 'Leaves of the evidence log that its SQL index has', []),
    witnessWindow: gauge('log_witness_window_seconds', 'How long the log goes on without a quorum of witnesses', []),
    witnesses: gauge('log_witness_cosigned', 'Whether a witness cosigned the last time it was asked (1) or not (0)', ['witness']),
    ...handOver(counter, gauge),
    ...asking(counter, gauge, histogram),
    keyAge: gauge('key_age_seconds', 'Age of a key', ['purpose']),
    ...knowledge(gauge),
    ready: gauge('ready', 'Whether a dependency lets this service work (1) or not (0)', ['dependency']),
    requests: counter('http_requests_total', 'HTTP requests answered', ['route', 'status']),
    requestSeconds: histogram('http_request_duration_seconds', 'Time to answer an HTTP request', ['route'], STEP_SECONDS),
    publishFailures: counter('publish_failures_total', 'Sends at a door that Kafka did not acknowledge', ['fault']),
    refusedCallers: counter('callers_refused_total', 'Requests with wrong or missing credentials', []),
    heartbeat: gauge('heartbeat_timestamp_seconds', 'When a heartbeat record last came through a stage of the road', ['stage']),
    heartbeatSeconds: histogram(
      'heartbeat_duration_seconds',
      'From sending a heartbeat record to its passing a stage',
      ['stage'],
      ROAD_SECONDS,
    ),
    spansDropped: counter('trace_spans_dropped_total', 'Spans that no collector took', []),
    retentionOverdue: gauge('retention_overdue_records', 'Records that are still on a topic although their time is over', [
      'topic',
    ]),
    certificateExpiry: gauge('certificate_expiry_timestamp_seconds', 'When the certificate that we show is no longer valid', [
      'to',
    ]),
    clock: gauge('clock_timestamp_seconds', 'The clock of the machine at the time of the scrape', []),
    buildInfo: gauge('build_info', 'The running build; always 1', ['version', 'node']),
  };
  const asked: (() => void)[] = [];
  metrics.buildInfo.set({ version, node: process.version }, 1);
  return {
    ...metrics,
    contentType: registry.contentType,
    /** All metrics of ours as they are declared, for the page about them. */
    declared: async () => {
      const all = (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith('khidi_'));
      return all.map(({ name, type, help }) => ({
        name,
        type: String(type),
        help,
        labels: labelsOf(registry.getSingleMetric(name)),
      }));
    },
    /** Is called before each scrape, for what is only counted when somebody asks. */
    beforeScrape: (count: () => void) => void asked.push(count),
    render: () => {
      metrics.clock.set(Date.now() / 1000);
      for (const count of asked) count();
      return registry.metrics();
    },
  };
}

type Make<M, L extends string> = (name: string, help: string, labels: readonly L[]) => M;

/** What delivery hands over, and who asks about a person. */
const handOver = (
  counter: <L extends string>(...made: Parameters<Make<Counter<L>, L>>) => Counter<L>,
  gauge: <L extends string>(...made: Parameters<Make<Gauge<L>, L>>) => Gauge<L>,
) => ({
  deliveries: counter('deliveries_total', 'Records handed over to a consumer', ['consumer', 'record_type']),
  deliveriesRefused: counter('deliveries_refused_total', 'Records that a consumer may not have, by the first fault', [
    'consumer',
    'record_type',
    'fault',
  ]),
  deliveryWaits: gauge('delivery_waits', 'Whether a consumer gets nothing of a type until something changes (1) or not (0)', [
    'consumer',
    'record_type',
  ]),
  deliveryLag: gauge('delivery_lag_records', 'Records in the evidence log that are not decided on yet for a consumer', [
    'consumer',
    'record_type',
  ]),
  deadLettersOpen: gauge('dead_letters_open', 'Dead letters that were not dealt with, by the service that gave them up', [
    'given_up_by',
  ]),
  pushes: counter('webhook_requests_total', 'Requests to webhooks, by what came of them', ['consumer', 'result']),
  circuits: gauge('webhook_circuit_open', 'Whether a webhook is given a rest (1) or not (0)', ['consumer', 'record_type']),
  usageAsked: counter('citizen_usage_questions_total', 'Questions who received the data of a person, by who asked', ['asker']),
  usageBehind: gauge('citizen_usage_behind_records', 'Handovers that the index of who received what has not read yet', []),
  pseudonymsAsked: counter('pseudonyms_asked_total', 'Identifiers whose pseudonym a service asked for', ['caller']),
  quotaRemaining: gauge('delivery_quota_remaining_records', 'Records that an agreement still allows in this window', ['quota']),
  receipts: counter('delivery_receipts_total', 'Receipts that consumers brought, by what came of them', ['consumer', 'result']),
  receiptsMissing: gauge('delivery_receipts_missing', 'Deliveries whose receipt is overdue', ['consumer', 'record_type']),
  ...contents(counter, gauge),
});

/** Questions that are asked and answered in one HTTP call. */
const asking = (
  counter: <L extends string>(...made: Parameters<Make<Counter<L>, L>>) => Counter<L>,
  gauge: (name: string, help: string, labels: readonly never[]) => Gauge,
  histogram: <L extends string>(name: string, help: string, labels: readonly L[], buckets: number[]) => Histogram<L>,
) => ({
  questions: counter('questions_total', 'Questions asked over HTTP, by what came of them', ['record_type', 'result']),
  questionsWaiting: gauge('questions_waiting', 'Questions that wait for their answer now', []),
  questionSeconds: histogram(
    'question_duration_seconds',
    'From a question over HTTP to its verified answer',
    ['record_type'],
    ROAD_SECONDS,
  ),
});

/** What records name because it is too large for them. */
const contents = (
  counter: <L extends string>(...made: Parameters<Make<Counter<L>, L>>) => Counter<L>,
  gauge: <L extends string>(...made: Parameters<Make<Gauge<L>, L>>) => Gauge<L>,
) => ({
  contentsReceived: counter('content_puts_total', 'Contents that were put here, by what came of them', ['result']),
  contentsGiven: counter('content_fetches_total', 'Contents that were fetched here by permit, by what came of it', ['result']),
  contentPermits: counter('content_permits_total', 'Permits for contents that consumers asked for, by what came of it', [
    'consumer',
    'result',
  ]),
  contentBytes: gauge('content_stored_bytes', 'What contents take on the disk, with those that are arriving', []),
});

/** What a service goes by that others publish. */
const knowledge = (gauge: (name: string, help: string, labels: readonly never[]) => Gauge) => ({
  configurationVersion: gauge('configuration_version', 'The version of the configuration in use', []),
  configurationExpiry: gauge('configuration_expiry_timestamp_seconds', 'When the configuration in use expires', []),
  schemaVersions: gauge('schema_versions', 'Schema versions known to this service', []),
});

/** The labels that a metric was declared with; prom-client keeps them but has no type for that. */
const labelsOf = (metric: object | undefined): readonly string[] =>
  (metric as { labelNames?: readonly string[] } | undefined)?.labelNames ?? [];

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { requiredBy, variablesOf } from '../settings/all-settings.js';
import {
  CHART,
  helm,
  installed,
  KUBERNETES,
  type Manifest,
  manifestsOf,
  render,
  VALUES,
  type Workload,
  workloadsOf,
} from './chart.fixture.js';

/** Of Node, not of Khidi. */
const NOT_OURS = 'NODE_EXTRA_CA_CERTS';

if (!installed) process.stdout.write('skipped: helm is not installed, so the chart is neither linted nor rendered\n');

(installed ? describe : describe.skip)('the chart', () => {
  let manifests: readonly Manifest[];
  let workloads: readonly Workload[];
  beforeAll(() => {
    manifests = manifestsOf();
    workloads = workloadsOf(manifests);
  });

  it('passes helm lint --strict', () => {
    expect(helm('lint', '--strict', CHART, '-f', VALUES)).toMatchObject({ status: 0 });
  });

  it('refuses values that say too little, and values that nothing reads', () => {
    const { stderr } = helm('template', 'k', CHART, '--kube-version', KUBERNETES);
    // Until 3.17 helm names a value `kafka.brokers`, since then `/kafka/brokers`.
    for (const value of ['kafka[./]brokers', 'members', 'topics', 'redis[./]existingSecret', 'secrets[./]passphrase'])
      expect(stderr).toMatch(new RegExp(`[-'] ?/?${value}'?: `));
    expect(render('--set', 'kafkaa.brokers=x:1').stderr).toContain('kafkaa');
    expect(render('--set', 'keys.accessMode=ReadWriteOnce').stderr).toContain('ReadWriteMany');
  });

  it('runs every service and the job of the topics without root, rights or a root that can be written', () => {
    expect(workloads.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'Deployment k-heartbeat',
      'Deployment k-schema-registry',
      'Deployment k-signing',
      'Deployment k-validation',
      'Job k-khidi-topics',
      'StatefulSet k-adapter-ge-gov-7001',
      'StatefulSet k-delivery',
      'StatefulSet k-directory',
      'StatefulSet k-ledger',
    ]);
    for (const { pod, container } of workloads) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(container).toMatchObject({
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        resources: { requests: { cpu: expect.any(String), memory: expect.any(String) }, limits: { memory: expect.any(String) } },
      });
    }
  });

  it('starts programs that the build makes, watches each, and lets each be drained', () => {
    for (const { kind, name, container } of workloads) {
      const [program = ''] = container.args;
      const source = program.replace(/^dist\//, '').replace(/(src\/main)\.js$/, '$1.ts');
      expect([program, existsSync(source)]).toEqual([program, true]);
      if (kind === 'Job') continue;
      expect([name, container.startupProbe, container.livenessProbe, container.readinessProbe].every(Boolean)).toBe(true);
      for (const other of ['Service', 'PodDisruptionBudget'])
        expect(manifests.some((one) => one.kind === other && one.metadata.name === name)).toBe(true);
    }
  });

  it('tells each service only what it reads, and all that it must have', () => {
    for (const { kind, container } of workloads) {
      if (kind === 'Job') continue;
      const told = container.env.map(({ name }) => name).filter((name) => name !== NOT_OURS);
      expect([container.name, told.filter((name) => !variablesOf(container.name).includes(name))]).toEqual([container.name, []]);
      expect([container.name, requiredBy(container.name).filter((name) => !told.includes(name))]).toEqual([container.name, []]);
    }
  });

  it('holds no secret: every one is a reference, and what is mounted is declared', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const { container } of workloads) {
      const secrets = container.env.filter(({ name }) => /PASSPHRASE|SECRET|PASSWORD|_PIN|REDIS_URL/.test(name));
      for (const { name, value, valueFrom } of secrets)
        expect([name, valueFrom !== undefined || value?.startsWith('/run/secrets/khidi/')]).toEqual([name, true]);
    }
  });

  it('proves each service to Kafka as itself, and the job of the topics as the administrator', () => {
    const secrets = manifests.flatMap(({ metadata: { name }, spec }) => {
      const volumes = (
        spec?.template?.spec as { volumes?: readonly { name: string; secret?: { secretName: string } }[] } | undefined
      )?.volumes;
      return volumes?.flatMap((volume) => (volume.name === 'kafka' ? [`${name} ${volume.secret?.secretName}`] : [])) ?? [];
    });
    expect(secrets.sort()).toEqual([
      'k-adapter-ge-gov-7001 khidi-kafka-ge-gov-7001',
      'k-delivery khidi-kafka-delivery',
      'k-directory khidi-kafka-directory',
      'k-khidi-topics khidi-kafka-admin',
      'k-ledger khidi-kafka-ledger',
      'k-schema-registry khidi-kafka-schema-registry',
      'k-signing khidi-kafka-signing',
      'k-validation khidi-kafka-validation',
    ]);
    expect(render('--set', 'kafka.tls.secretPrefix=').stdout).not.toContain('KHIDI_KAFKA_');
  });

  it('has no delivery while nobody knows whom to believe, and no heartbeat of nobody', () => {
    const { status, stdout } = render('--set', 'directory.anchor=', '--set', 'heartbeat.subsystem=');
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/k-delivery|k-heartbeat|KHIDI_CONFIGURATION_ANCHOR, *value: *\/etc/);
  });

  it('selects with each service, budget and policy pods that there are', () => {
    const labels = manifests.flatMap(({ spec }) => (spec?.template === undefined ? [] : [spec.template.metadata.labels]));
    for (const { kind, spec } of manifests) {
      const wanted = kind === 'Service' ? (spec?.selector as Readonly<Record<string, string>>) : spec?.selector?.matchLabels;
      if (wanted === undefined) continue;
      expect([kind, labels.some((one) => Object.entries(wanted).every(([name, value]) => one[name] === value))]).toEqual([
        kind,
        true,
      ]);
    }
  });
});

describe('the values of the chart', () => {
  const named = (value: unknown): string[] => Object.keys(value as object).sort();

  it('are all in the schema, which allows no others', () => {
    const values = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as object;
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as {
      readonly additionalProperties: boolean;
      readonly properties: object;
    };
    expect(schema.additionalProperties).toBe(false);
    expect(named(schema.properties).filter((name) => name !== 'global')).toEqual(named(values));
  });
});

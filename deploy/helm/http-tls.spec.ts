import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CHART, installed, type Manifest, manifestsOf, render, type Workload, workloadsOf } from './chart.fixture.js';

/** A collector is nobody's door. */
const NOT_A_DOOR = ['OTEL_EXPORTER_OTLP_ENDPOINT'];
const FOLDER = '/run/secrets/khidi/http';
const ISSUER = ['--set', 'httpTls.certManager.issuerRef.name=inside'];

/** The Secret whose certificate a door shows, and everything else that has to be so for TLS; of a door without, what is missing. */
function doorOf({ name, annotations, container, pod }: Workload) {
  const setTo = (variable: string) => container.env.find((one) => one.name === variable)?.value;
  const mount = container.volumeMounts.find(({ mountPath }) => mountPath === FOLDER);
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  const told = [...container.args, ...container.env.map((one) => (NOT_A_DOOR.includes(one.name) ? '' : (one.value ?? '')))];
  return {
    name,
    secret: pod.volumes.find((volume) => volume.name === mount?.name)?.secret?.secretName,
    readOnly: mount?.readOnly,
    files: ['KHIDI_HTTP_CERT', 'KHIDI_HTTP_KEY', 'NODE_EXTRA_CA_CERTS'].map(setTo),
    ports: container.ports?.map((port) => port.name),
    probes: probes.map((probe) => probe?.httpGet.scheme),
    scraped: annotations['prometheus.io/scheme'],
    plain: told.filter((text) => text.includes('http://')),
  };
}

/** Of a container that has no port, there is no door to close. */
const doorsOf = (manifests: readonly Manifest[]) =>
  workloadsOf(manifests).filter(
    ({ container: { ports = [], readinessProbe } }) => ports.length > 0 || readinessProbe !== undefined,
  );
const services = (manifests: readonly Manifest[]) => manifests.filter(({ kind }) => kind === 'Service');

(installed ? describe : describe.skip)('the doors of the chart, by default', () => {
  let manifests: readonly Manifest[];
  beforeAll(() => {
    manifests = manifestsOf();
  });

  it('each have a certificate of their own, HTTPS probes and scrapes, and name no other door by http://', () => {
    const doors = doorsOf(manifests);
    expect(doors.map(doorOf)).toEqual(
      doors.map(({ name }) => ({
        name,
        secret: name.replace(/^k-/, 'khidi-http-'),
        readOnly: true,
        files: [`${FOLDER}/tls.crt`, `${FOLDER}/tls.key`, `${FOLDER}/ca.crt`],
        ports: ['https'],
        probes: ['HTTPS', 'HTTPS', 'HTTPS'],
        scraped: 'https',
        plain: [],
      })),
    );
  });

  it('are one behind each Service, whose port says what it speaks', () => {
    const behind = doorsOf(manifests).map(({ name }) => name);
    expect(services(manifests).map(({ metadata, spec }) => [metadata.name, spec?.ports?.map(({ name }) => name)])).toEqual(
      expect.arrayContaining(behind.map((name) => [name, ['https']])),
    );
    expect(services(manifests)).toHaveLength(behind.length);
    expect(behind).toHaveLength(8);
  });

  it('get their certificates from cert-manager where an issuer is named, and else from Secrets that are there', () => {
    const ordered = (some: readonly Manifest[]) => some.filter(({ kind }) => kind === 'Certificate');
    expect(ordered(manifests)).toEqual([]);
    const more = manifestsOf(...ISSUER, '--set', 'httpTls.certManager.hosts.ledger={log.example}', '--namespace', 'exchange');
    expect(ordered(more).map(({ spec }) => [spec?.secretName, spec?.dnsNames])).toEqual(
      services(more).map(({ metadata: { name } }) => [
        name.replace(/^k-/, 'khidi-http-'),
        [name, `${name}.exchange`, `${name}.exchange.svc`, 'khidi-metrics', ...(name === 'k-ledger' ? ['log.example'] : [])],
      ]),
    );
  });

  it('are believed by Prometheus, which asks them by their addresses', () => {
    const config = parse(readFileSync(join('deploy', 'prometheus', 'kubernetes.yml'), 'utf8')) as {
      readonly scrape_configs: readonly { readonly tls_config: { readonly server_name: string } }[];
    };
    const names = manifestsOf(...ISSUER).flatMap(({ kind, spec }) => (kind === 'Certificate' ? [spec?.dnsNames] : []));
    for (const { tls_config } of config.scrape_configs) for (const of of names) expect(of).toContain(tls_config.server_name);
    const members = workloadsOf(manifests).flatMap(({ annotations }) => annotations['khidi/member'] ?? []);
    expect(members).toEqual(['GE/GOV/7001']);
  });

  it('are not asked by a heartbeat in plain HTTP', () => {
    const { status, stderr } = render('--set', 'heartbeat.adapter=http://adapter:8080');
    expect([status, stderr]).toEqual([1, expect.stringContaining('heartbeat.adapter')]);
  });

  it('all speak plain HTTP where a mesh does it, and none does else', () => {
    const doors = doorsOf(manifestsOf('--set', 'httpTls.enabled=false', ...ISSUER));
    expect(new Set(doors.map(doorOf).map(({ secret, files, ports }) => JSON.stringify([secret, files, ports])))).toEqual(
      new Set([JSON.stringify([undefined, [undefined, undefined, undefined], ['http']])]),
    );
  });
});

/** Where there is no helm this much can still be seen. */
describe('the templates of the chart', () => {
  it('name no door by a scheme of their own', () => {
    const folder = join(CHART, 'templates');
    // A scheme that nothing follows is what a value is compared with.
    const named = readdirSync(folder).filter((file) => /https?:\/\/(?!")/.test(readFileSync(join(folder, file), 'utf8')));
    expect(named).toEqual([]);
  });
});

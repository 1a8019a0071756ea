import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

export const CHART = join('deploy', 'helm', 'khidi');
export const VALUES = join(CHART, 'ci-values.yaml');
export const KUBERNETES = '1.31.0';

interface Probe {
  readonly httpGet: { readonly scheme?: string };
}

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly ports?: readonly { readonly name: string }[];
  readonly securityContext: object;
  readonly resources: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
}

/** What the chart makes, as far as tests look at it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly ports?: readonly { readonly name: string }[];
    readonly secretName?: string;
    readonly dnsNames?: readonly string[];
    readonly template?: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec: Pod;
    };
  };
}

/** A pod that the chart starts, and its only container. */
export interface Workload {
  readonly name: string;
  readonly kind: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly container: Container;
  readonly pod: Pod;
}

export const installed = spawnSync('helm', ['version']).error === undefined;

export const helm = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
  return { status, stdout, stderr };
};

/** The chart with the values of the tests, which leave at its default whatever has one that is safe. */
export const render = (...more: string[]) => helm('template', 'k', CHART, '-f', VALUES, '--kube-version', KUBERNETES, ...more);

export function manifestsOf(...more: string[]): readonly Manifest[] {
  const { status, stdout, stderr } = render(...more);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseAllDocuments(stdout).flatMap((one) => (one.toJS() as Manifest | null) ?? []);
}

export function workloadsOf(manifests: readonly Manifest[]): readonly Workload[] {
  return manifests.flatMap(({ kind, metadata: { name }, spec }) => {
    const { metadata: { annotations = {} } = {}, spec: pod } = spec?.template ?? {};
    const [container] = pod?.containers ?? [];
    return pod === undefined || container === undefined ? [] : [{ name, kind, annotations, container, pod }];
  });
}

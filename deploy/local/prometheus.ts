import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { State } from './state.js';

/** Tells Prometheus (deploy/prometheus/prometheus.yml) where the services of this instance are, by file discovery. */
export function writePrometheusTargets(state: State): void {
  const ours = state.current.services.filter(({ kind }) => kind !== 'receiving-agency'); // an agency measures itself
  const targets = ours.map(({ name, kind, member, url }) => ({
    targets: [new URL(url).host],
    labels: { service: kind, instance: name, ...(member === undefined ? {} : { member }) },
  }));
  writeFileSync(join(state.folder, 'prometheus-targets.json'), `${JSON.stringify(targets, undefined, 2)}\n`);
}

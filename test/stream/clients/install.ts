import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Confluent's clients are too large to be dependencies of this project, so they are fetched for the test that uses them, once. */
const NODE_CLIENT = '@confluentinc/schemaregistry@1.10.1';
const PYTHON_CLIENT = 'confluent-kafka[schemaregistry,json]==2.16.1';
const FOLDER = resolve('.khidi/confluent-clients');
const PATIENCE_MS = 180_000;

/** Where the clients are; one that cannot be had, since there is no network or no Python, is absent, and that is said. */
export interface ConfluentClients {
  /** A folder in whose node_modules the client for Node lies. */
  readonly node?: string;
  /** A Python that has the client for Python. */
  readonly python?: string;
}

/** Finds the clients, or installs them below `.khidi`, both at once. */
export function confluentClients(): ConfluentClients {
  const node = join(FOLDER, 'node');
  const python = join(FOLDER, 'python', 'bin', 'python');
  const hasNode = (): boolean => existsSync(join(node, 'node_modules', '@confluentinc', 'schemaregistry'));
  const hasPython = (): boolean =>
    existsSync(python) && spawnSync(python, ['-c', 'import confluent_kafka.schema_registry.json_schema']).status === 0;
  const wanted = [
    ...(hasNode() ? [] : [`npm install --prefix "${node}" --ignore-scripts --no-audit --no-fund --no-save "${NODE_CLIENT}"`]),
    ...(hasPython()
      ? []
      : [
          `(python3 -m venv "${join(FOLDER, 'python')}" && "${python}" -m pip install --quiet --disable-pip-version-check "${PYTHON_CLIENT}")`,
        ]),
  ];
  if (wanted.length > 0) {
    mkdirSync(node, { recursive: true });
    spawnSync('bash', ['-c', `${wanted.join(' & ')} & wait`], { stdio: 'ignore', timeout: PATIENCE_MS });
  }
  const found = { ...(hasNode() ? { node } : {}), ...(hasPython() ? { python } : {}) };
  if (found.node === undefined) process.stdout.write(`skipped: ${NODE_CLIENT} cannot be installed here\n`);
  if (found.python === undefined) process.stdout.write(`skipped: ${PYTHON_CLIENT} cannot be installed here\n`);
  return found;
}

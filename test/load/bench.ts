import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { LOCALITY, PERSON } from '../../examples/registries/index.js';
import { type Instance, startInstance } from '../instance/instance.js';
import { registerSchema } from '../instance/register.js';
import { benchCitizens } from './citizens.js';
import { benchCompatibility } from './compatibility.js';
import { benchDeadConsumer } from './dead-consumer.js';
import { benchDoor } from './door.js';
import { benchLatency } from './latency.js';
import { benchLocalities } from './localities.js';
import { benchLog } from './log.js';
import type { Row } from './measure.js';
import { benchPoison } from './neighbours.js';
import { benchPolicy } from './policy.js';
import { benchRegistry } from './registry.js';
import { benchRoad, benchRoadToLedger } from './road.js';
import { benchSeals } from './seals.js';
import { benchSteps } from './steps.js';
import { benchTls } from './tls.js';
import { benchTwoWay } from './two-way.js';
import { benchWay } from './way.js';

const help = (): string => `Measures the road side by side with its peers, on servers of its own.

  npm run bench                                everything (about 15 minutes)
  npm run bench -- --only road,latency         some sections: ${Object.keys(SECTIONS).join(', ')}
  npm run bench -- --records 100000            fewer records for the road (default 400000)
  npm run bench -- --json FILE                 also writes the rows as JSON
  npm run bench -- --profile FOLDER            also writes a CPU profile of each service (open it in Chrome's developer tools)
`;

const SECTIONS: Readonly<Record<string, (instance: Instance, records: number) => Promise<Row[]>>> = {
  compatibility: () => benchCompatibility(tell),
  seals: () => benchSeals(tell),
  policy: async () => benchPolicy(tell),
  steps: (instance) => benchSteps(instance, tell),
  tls: () => benchTls(tell),
  dead: () => benchDeadConsumer(30, tell),
  way: (instance) => benchWay(instance, 60_000, tell),
  log: (_, records) => benchLog(Math.max(1_000_000, records), tell),
  door: (instance) => benchDoor(instance, 9000, tell),
  registry: (instance) => benchRegistry(instance, tell),
  latency: (instance) => benchLatency(instance, 60, tell),
  neighbours: (instance) => benchPoison(instance, tell),
  localities: (instance) => benchLocalities(instance, tell),
  citizens: (instance) => benchCitizens(instance, tell),
  'two-way': () => benchTwoWay(tell),
  'road-to-ledger': (instance, records) => benchRoadToLedger(instance, Math.ceil(records / 2), tell),
  road: (instance, records) => benchRoad(instance, records, tell),
};

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    records: { type: 'string', default: '400000' },
    json: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

/** One line that is written over on a terminal, and now and then otherwise. */
let told = 0;
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K  ${text}`);
  else if (Date.now() - told > 5000) {
    told = Date.now();
    process.stderr.write(`  ${text}\n`);
  }
}

async function bench(): Promise<void> {
  const names = values.only?.split(',') ?? Object.keys(SECTIONS);
  const unknown = names.filter((name) => SECTIONS[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`There is no section ${unknown.join(', ')}; there are ${Object.keys(SECTIONS).join(', ')}.`);
  const profile = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(values.profile)}`];
  const instance = await startInstance({ NODE_ENV: 'production', KHIDI_LOG_LEVEL: 'warn' }, profile);
  const rows: Row[] = [];
  try {
    await registerSchema(instance, 'schemas/address/locality/1.0.json', LOCALITY);
    await registerSchema(instance, 'schemas/population/person/1.0.json', PERSON);
    for (const name of names) rows.push(...((await SECTIONS[name]?.(instance, Number(values.records))) ?? []));
  } finally {
    await instance.stop();
    print(rows); // also what was measured before something failed
  }
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine: machine(), rows: rows.map(flat) }, null, 2)}\n`);
}

function print(rows: readonly Row[]): void {
  const table = new Table({ head: ['what', 'value', 'unit', 'beside', 'its value', 'ratio'], style: { head: [], border: [] } });
  const digits = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));
  for (const { name, value, unit, peer, ratio } of rows) {
    const beside = peer === undefined ? ['', ''] : [peer.name, digits(peer.value)];
    table.push([name, digits(value), unit, ...beside, ratio === undefined ? '' : ratio.toFixed(2)]);
  }
  process.stdout.write(`\n${machine()}\n${table.toString()}\n`);
}

const machine = (): string =>
  `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, broker on the same machine`;

/** The JSON form: the peer by name, its value beside it. */
const flat = ({ name, value, unit, peer, ratio }: Row) => ({
  name,
  value,
  unit,
  peer: peer?.name,
  peerValue: peer?.value,
  ratio,
});

// What was started ends with us.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));
if (values.help === true) process.stdout.write(help());
else await bench();

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { instanceFile } from '#settings';
import { openState } from './instance.js';
import { downOnlyRegistries } from './only-registry.js';
import { DOWN_HELP, downOptions } from './options.js';
import { isAlive } from './processes.js';
import { KHIDI_FOLDER } from './root.js';
import { runTask } from './run-task.js';
import { stopServers } from './servers.js';
import { stopService } from './services.js';
import { claim } from './state.js';

/** Ends exactly what `up` started: services first, so that they can finish and say goodbye, then Redis, then Kafka. */
async function down(args: readonly string[]): Promise<number> {
  const options = downOptions(args);
  if (options.help) {
    console.log(DOWN_HELP);
    return 0;
  }
  if (!existsSync(KHIDI_FOLDER)) {
    console.log('Nothing was started from this folder.');
    return 0;
  }
  for (const name of await downOnlyRegistries()) console.log(`${name} ended`);
  const release = claim(KHIDI_FOLDER);
  try {
    if (existsSync(instanceFile(KHIDI_FOLDER))) await endAll();
    else console.log('Nothing was started from this folder.');
    if (options.wipe) wipe(options.all);
  } finally {
    release();
  }
  return 0;
}

async function endAll(): Promise<void> {
  const state = openState();
  const running = state.current.services.filter(({ process }) => isAlive(process));
  await Promise.all(
    running.map(async (service) => {
      const how = await stopService(service);
      console.log(`${service.name} ${how === 'killed' ? 'did not end by itself and was killed' : 'ended'}`);
    }),
  );
  state.change({ services: [] });
  const servers = await stopServers(state);
  for (const server of servers) console.log(`${server} ended`);
  const { kafka: _kafka, redis: _redis, ...rest } = state.current;
  state.replace(rest);
  if (running.length + servers.length === 0) console.log('Nothing was running.');
}

/** Removes all data. The jars are no data and take a while to fetch, so they stay unless they are meant as well. */
function wipe(all: boolean): void {
  const kafka = join(KHIDI_FOLDER, 'kafka');
  empty(KHIDI_FOLDER, all ? ['claim.json'] : ['claim.json', 'kafka']);
  if (!all && existsSync(kafka)) empty(kafka, ['libs', 'complete']);
  console.log(`All data in ${KHIDI_FOLDER} is removed${all ? '' : " (Kafka's jars stay)"}.`);
}

function empty(folder: string, kept: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

await runTask(() => down(process.argv.slice(2)));

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBundle } from '../air-gap/make-bundle.js';
import { Missing } from './missing.js';
import { prepareMachine } from './prepare.js';
import { runTask } from './run-task.js';

const HELP = `npm run bundle -- --to FOLDER --key PRIVATE.pem

Makes a folder from which this version can be installed where there is no network: sh FOLDER/install.sh PUBLIC.pem TARGET.
In it: the committed source, every npm package for this platform, Kafka's jars, a bill of materials, checksums and a signature.

  --to    a new folder
  --key   an Ed25519 private key: openssl genpkey -algorithm ed25519 -out PRIVATE.pem
          its public part: openssl pkey -in PRIVATE.pem -pubout -out PUBLIC.pem
          hand it over by another way than the folder`;

/** Makes the offline bundle. */
async function bundle(args: readonly string[]): Promise<number> {
  const { to, key } = optionsOf(args);
  if (to === undefined || key === undefined) throw new Missing(HELP);
  const tell = (line: string) => console.log(`  ${line}`);
  const { kafkaJars = '' } = await prepareMachine({ kafka: true, redis: false }, tell);
  const publicKey = await makeBundle({ to: resolve(to), keyFile: resolve(key), kafkaJars, tell });
  console.log(`${to} is made. It verifies with this key:\n${publicKey}`);
  return 0;
}

function optionsOf(args: readonly string[]): { readonly to?: string | undefined; readonly key?: string | undefined } {
  try {
    return parseArgs({ args: [...args], options: { to: { type: 'string' }, key: { type: 'string' } }, strict: true }).values;
  } catch {
    throw new Missing(HELP); // an option that there is not
  }
}

await runTask(() => bundle(process.argv.slice(2)));

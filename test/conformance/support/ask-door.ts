import { Readable } from 'node:stream';
import { Secret } from '#settings';
import { askJson } from '../../../apps/cli/src/fetch.js';
import { post } from '../../../apps/cli/src/post.js';
import { validationKeeper } from '../../../apps/delivery/src/citizens/pseudonym-keeper.js';
import { Poster } from '../../../apps/delivery/src/push/post.js';

/*
 * `ask-door.js <URL>`: asks one door in each way in which services and commands ask others, and prints what each saw. A process of its own,
 * since Node reads NODE_EXTRA_CA_CERTS once, when a process starts. A door that has no such address answers 404, one that is not
 * believed is not asked at all.
 */
const [url = ''] = process.argv.slice(2);
const poster = new Poster({ timeoutMs: 5000, privateAllowed: true });
const said = (error: unknown) => (error instanceof Error ? error.message : 'unknown');

const seen = {
  command: await askJson(`${url}/nowhere`).then(({ status }) => status, said),
  stream: await post(`${url}/nowhere`, {}, Readable.from(['{}'])).then(({ statusCode }) => statusCode, said),
  service: await validationKeeper(url, new Secret('none'))
    .pseudonyms([], [])
    .then(() => 'pseudonyms', said),
  webhook: await poster.post(new URL(`${url}/nowhere`), {}, Buffer.from('{}')),
};
poster.close();
process.stdout.write(JSON.stringify(seen));

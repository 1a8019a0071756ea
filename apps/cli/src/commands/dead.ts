import { Command } from 'commander';
import { messageKey, openBody, operatorsKeys, publicKeySet } from '../dead-body.js';
import { askDelivery, type DeliveryFlags, deliveryAt, queryOf, withDelivery } from '../delivery.js';
import { CliError, EXIT } from '../exit.js';
import { askText, parse, refuse } from '../fetch.js';
import { asJson, asTable, type Format, note, write } from '../output.js';

/** Where the desk of delivery is. */
const DESK = '/v1/dead-letters';

/** A dead letter as the desk of delivery shows it. */
interface DeadLetter {
  readonly id: string;
  readonly code: string;
  readonly original: string;
  readonly consumer?: string;
  readonly at: string;
  readonly bytes: number;
  readonly encryptedTo?: string;
  readonly resolution?: { readonly state: string; readonly by: string; readonly at: string; readonly why?: string };
}

interface DeskFlags extends DeliveryFlags {
  readonly output: Format;
}
interface OpeningFlags extends DeskFlags {
  readonly privateKey?: string;
}
interface WhichFlags extends OpeningFlags {
  readonly code?: string;
  readonly consumer?: string;
  readonly service?: string;
  readonly since?: string;
  readonly until?: string;
  readonly all?: boolean;
}

/** `khidi dead`: what could not be handled, and what becomes of it. */
export function deadCommand(): Command {
  return new Command('dead')
    .description('list and show what could not be handled, send it on its way again, or give it up for a reason')
    .addCommand(
      which(desk('list', 'list dead letters, the oldest first'))
        .option('--all', 'also those that were dealt with')
        .addHelpText('after', '\nExample:\n  $ khidi dead list --code DELIVERY_PUSH_FAILED')
        .action(list),
    )
    .addCommand(
      new Command('key')
        .description('print the public key to which bodies are encrypted, for KHIDI_DEAD_LETTER_KEY (JWK set)')
        .requiredOption('--private-key <file>', "the operators' private key (PEM, P-256); made where there is no such file")
        .option('--state <path>', 'the local instance (KHIDI_STATE)')
        .addHelpText(
          'after',
          `
The private key is opened, and a new one is sealed, with KHIDI_PASSPHRASE or KHIDI_PASSPHRASE_FILE. It stays with the operators; keep the old
one until what was encrypted to it is dealt with.

Example:
  $ khidi dead key --private-key operators.pem > dead-letters.jwks.json`,
        )
        .action(async (flags: { privateKey: string; state?: string }) => write(asJson(await publicKeySet(flags)))),
    )
    .addCommand(
      opening(desk('show', 'show one; its body only to who has the private key'))
        .argument('<id>', 'like delivery/0')
        .option('--body', 'also what is inside: it may hold personal data')
        .addHelpText('after', '\nExample:\n  $ khidi dead show delivery/0 --body --private-key operators.pem')
        .action(showOne),
    )
    .addCommand(
      which(opening(desk('replay', 'send one, or all that are named by options, on their way again; each keeps its identity')))
        .argument('[id]', 'like delivery/0')
        .addHelpText('after', '\nExample:\n  $ khidi dead replay --consumer GE/GOV/7003/base-registry')
        .action((id: string | undefined, flags: WhichFlags) => each(id, flags, 'replay', (one) => keyFor(one, flags))),
    )
    .addCommand(
      which(desk('discard', 'give one, or all that are named by options, up for good'))
        .argument('[id]', 'like delivery/0')
        .requiredOption('--why <reason>', 'what is kept in the evidence log for ever')
        .addHelpText('after', '\nExample:\n  $ khidi dead discard delivery/0 --why "the consumer was closed"')
        .action((id: string | undefined, flags: WhichFlags & { why: string }) =>
          each(id, flags, 'discard', async () => ({ why: flags.why })),
        ),
    );
}

const desk = (name: string, description: string): Command =>
  withDelivery(new Command(name).description(description), 'who decides');

const opening = (command: Command): Command =>
  command.option('--private-key <file>', "the operators' private key (PEM); without it that of the local instance");

const which = (command: Command): Command =>
  command
    .option('--code <fault>', 'only those with this fault')
    .option('--consumer <subsystem>', 'only those of this consumer')
    .option('--service <name>', 'only those that this service gave up')
    .option('--since <time>', 'only those since then (RFC 3339)')
    .option('--until <time>', 'only those before then');

async function list(flags: WhichFlags): Promise<void> {
  await show(flags, await find(flags));
}

async function each(
  id: string | undefined,
  flags: WhichFlags,
  act: 'replay' | 'discard',
  bodyFor: (id: string) => Promise<object>,
): Promise<void> {
  const named = [flags.code, flags.consumer, flags.service, flags.since, flags.until].some((option) => option !== undefined);
  if ((id === undefined) !== named) throw new CliError(EXIT.usage, 'Name either one dead letter or options that choose several.');
  const ids = id === undefined ? (await find(flags)).map((one) => one.id) : [id];
  const done: DeadLetter[] = [];
  for (const one of ids) done.push(await ask(flags, `/${pathOf(one)}/${act}`, await bodyFor(one)));
  await show(flags, done);
  note(`${done.length} ${act === 'replay' ? 'replayed' : 'discarded'}.`);
}

async function showOne(id: string, flags: OpeningFlags & { readonly body?: boolean }): Promise<void> {
  const letter = await ask(flags, `/${pathOf(id)}`);
  if (flags.body !== true) return show(flags, [letter]);
  if (letter.encryptedTo === undefined)
    throw new CliError(EXIT.usage, 'The body was kept unencrypted; it is read on its topic, not here.');
  const body = openBody(await fetchBody(id, flags), await operatorsKeys(flags));
  if (flags.output === 'json') return write(asJson({ ...letter, body: body.toString('base64') }));
  await show(flags, [letter]);
  await write(`\n${body.toString('utf8')}\n`);
}

/** What replaying one takes, where it is encrypted: the key of this one message. */
async function keyFor(id: string, flags: OpeningFlags): Promise<{ readonly contentKey?: string }> {
  const { encryptedTo } = await ask(flags, `/${pathOf(id)}`);
  if (encryptedTo === undefined) return {};
  return { contentKey: messageKey(await fetchBody(id, flags), await operatorsKeys(flags)) };
}

async function fetchBody(id: string, flags: DeskFlags): Promise<Buffer> {
  const { url, authorization } = await deliveryAt(flags);
  const answer = await askText(`${url}${DESK}/${pathOf(id)}/body`, { headers: { authorization } });
  if (answer.status !== 200) refuse('The delivery service', answer.status, parse(answer.text));
  return Buffer.from(answer.text);
}

async function find(flags: WhichFlags): Promise<readonly DeadLetter[]> {
  const { code, consumer, service, since, until, all } = flags;
  const asked = { code, consumer, service, since, until, all: all === true ? 'yes' : undefined };
  const { deadLetters } = await ask<{ deadLetters: readonly DeadLetter[] }>(flags, queryOf(asked));
  return deadLetters;
}

async function show({ output }: DeskFlags, letters: readonly DeadLetter[]): Promise<void> {
  const rows = letters.map(({ id, code, consumer = '', original, at, bytes, resolution }) => [
    id,
    code,
    consumer,
    original,
    ageOf(at),
    String(bytes),
    resolution === undefined ? '' : `${resolution.state} by ${resolution.by}`,
  ]);
  await write(
    output === 'json' ? asJson(letters) : asTable(['id', 'fault', 'consumer', 'stood at', 'age', 'bytes', 'dealt with'], rows),
  );
}

function ageOf(at: string): string {
  const minutes = Math.floor((Date.now() - Date.parse(at)) / 60_000);
  return minutes < 120
    ? `${minutes} min`
    : minutes < 48 * 60
      ? `${Math.floor(minutes / 60)} h`
      : `${Math.floor(minutes / 1440)} d`;
}

/** `delivery/0`, checked, since it becomes part of an address. */
function pathOf(id: string): string {
  if (/^[a-z-]{1,32}\/\d{1,19}$/.test(id)) return id;
  throw new CliError(EXIT.usage, 'A dead letter is named like delivery/0.');
}

const ask = async <T = DeadLetter>(flags: DeskFlags, path: string, body?: object): Promise<T> =>
  (await askDelivery(flags, `${DESK}${path}`, body)) as T;

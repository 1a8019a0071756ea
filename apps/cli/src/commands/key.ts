import { Command, Option } from 'commander';
import type { KeyRecord } from '#envelope';
import { proofAt } from '../caller.js';
import { CliError, EXIT } from '../exit.js';
import { askJson, parse, readInput, refuse } from '../fetch.js';
import { requireInstance, requireService, type Where } from '../local.js';
import { asJson, asTable, type Format, formatOption, note, write } from '../output.js';

interface KeyFlags extends Where {
  readonly as: string;
  readonly signing?: string;
  readonly secretFile?: string;
  readonly output: Format;
}
interface WhyFlags extends KeyFlags {
  readonly why: string;
}

/** `khidi key`: the life of keys, for their officers. Activating and revoking take two of them. */
export function keyCommand(): Command {
  return new Command('key')
    .description('list, create, activate, retire and revoke keys, and have them certified')
    .addCommand(
      office('list', 'list all keys, their purposes and states')
        .addHelpText('after', '\nExample:\n  $ khidi key list')
        .action(list),
    )
    .addCommand(
      asked('create', 'make a key; it is published at once and signs nothing yet')
        .addOption(new Option('--purpose <purpose>', 'what it is for').choices(['sealing', 'key-set']).default('sealing'))
        .addHelpText('after', '\nExample:\n  $ khidi key create --purpose sealing --why "yearly rotation"')
        .action((flags: WhyFlags & { purpose: string }) => post('', flags, { purpose: flags.purpose })),
    )
    .addCommand(
      asked('activate', 'let a pending key sign, and retire the one before; a second officer must repeat it')
        .argument('<kid>', 'the key')
        .addHelpText('after', '\nExample:\n  $ khidi key activate <kid> --as officer-2 --why "yearly rotation"')
        .action((kid: string, flags: WhyFlags) => post(`/${kid}/activate`, flags, {})),
    )
    .addCommand(
      asked('retire', 'withdraw a key that never signed, or the key of a member')
        .argument('<kid>', 'the key')
        .addHelpText('after', '\nExample:\n  $ khidi key retire <kid> --why "made by mistake"')
        .action((kid: string, flags: WhyFlags) => post(`/${kid}/retire`, flags, {})),
    )
    .addCommand(
      asked('revoke', 'say that a key is not to be trusted since a moment; a second officer must repeat it')
        .argument('<kid>', 'the key')
        .addOption(
          new Option('--reason <reason>', 'why').choices(['unspecified', 'compromised', 'superseded']).makeOptionMandatory(),
        )
        .option('--since <time>', 'since when it may have been in other hands (RFC 3339); without it since now')
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi key revoke <kid> --reason compromised --since 2026-11-20T08:00:00Z --why "server stolen"',
        )
        .action((kid: string, flags: WhyFlags & { reason: string; since?: string }) =>
          post(`/${kid}/revoke`, flags, { reason: flags.reason, ...(flags.since === undefined ? {} : { since: flags.since }) }),
        ),
    )
    .addCommand(
      office('csr', 'print a certification request (PKCS #10) for a key')
        .argument('<kid>', 'the key')
        .requiredOption('--organisation <name>', 'whose seal it is')
        .requiredOption('--common-name <name>', 'what the certificate is called')
        .option('--country <code>', 'two letters')
        .option('--organisation-identifier <id>', 'as in ETSI EN 319 412-1, like VATGE-123')
        .addHelpText(
          'after',
          '\nExample:\n  $ khidi key csr <kid> --country GE --organisation "DEA" --common-name "Khidi seal" > seal.csr',
        )
        .action(csr),
    )
    .addCommand(
      asked('import', 'give a key its certificate, or take in the public key by which a member seals')
        .argument('<file>', 'a certificate in PEM, or a public JWK')
        .option('--kid <kid>', 'the key that the certificate is for')
        .option('--member <id>', 'the member whose key it is, like GE/GOV/7001')
        .addHelpText('after', '\nExample:\n  $ khidi key import seal.pem --kid <kid> --why "certificate of the national CA"')
        .action(importFile),
    );
}

function office(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--as <officer>', 'who decides', 'officer-1')
    .option('--signing <URL>', 'the signing service; without it that of the local instance')
    .option('--secret-file <file>', "the officer's secret; without it that of the local instance")
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption());
}

const asked = (name: string, description: string): Command =>
  office(name, description).requiredOption('--why <reason>', 'what is kept with the decision for ever');

async function list(flags: KeyFlags): Promise<void> {
  const { keys } = (await ask(flags, '')) as { keys: readonly KeyRecord[] };
  const rows = keys.map(({ kid, purpose, alg, state, iss, store, created, proposal, certificate }) => [
    kid,
    purpose,
    alg,
    proposal === undefined ? state : `${state}, ${proposal.act} proposed by ${proposal.by}`,
    iss,
    store,
    certificate === undefined ? 'no' : 'yes',
    created.slice(0, 19),
  ]);
  const head = ['key', 'purpose', 'alg', 'state', 'owner', 'store', 'certificate', 'made'];
  await write(flags.output === 'json' ? asJson(keys) : asTable(head, rows));
}

async function post(path: string, flags: WhyFlags, body: object): Promise<void> {
  const key = (await ask(flags, path, { ...body, why: flags.why })) as KeyRecord;
  await write(flags.output === 'json' ? asJson(key) : `${key.kid} is ${key.state}.\n`);
  if (key.proposal !== undefined) note(`${key.proposal.act} is proposed: a second officer must give the same command.`);
}

async function csr(
  kid: string,
  flags: KeyFlags & { organisation: string; commonName: string; country?: string; organisationIdentifier?: string },
): Promise<void> {
  const { organisation, commonName, country, organisationIdentifier } = flags;
  const subject = {
    organisation,
    commonName,
    ...(country === undefined ? {} : { country }),
    ...(organisationIdentifier === undefined ? {} : { organisationIdentifier }),
  };
  const answer = (await ask(flags, `/${kid}/csr`, subject)) as { csr: string };
  await write(flags.output === 'json' ? asJson(answer) : answer.csr);
}

async function importFile(file: string, flags: WhyFlags & { kid?: string; member?: string }): Promise<void> {
  const text = (await readInput(file)).toString('utf8');
  if ((flags.kid === undefined) === (flags.member === undefined))
    throw new CliError(EXIT.usage, 'Name either --kid (for a certificate) or --member (for a public JWK).');
  if (flags.kid !== undefined) return post(`/${flags.kid}/certificate`, flags, { certificate: text });
  return post('', flags, { member: flags.member, jwk: parse(text) });
}

async function ask(flags: KeyFlags, path: string, body?: object): Promise<unknown> {
  const url = flags.signing ?? requireService(requireInstance(flags), 'signing').url;
  const answer = await askJson(`${url.replace(/\/$/, '')}/v1/keys${path}`, {
    headers: { authorization: await proofAt('signing', flags) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (answer.status !== 200 && answer.status !== 201) refuse('The signing service', answer.status, answer.body);
  return answer.body;
}

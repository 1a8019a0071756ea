import { Command, Option } from 'commander';
import { keyProofText, publicMemberKey, signStatement } from '#configuration';
import { publicJwkOf, type Signer, signRaw } from '#envelope';
import { MEMBER_KEY_PURPOSES, type MemberKeyPurpose, type Participant } from '#policy';
import {
  askDirectory,
  type DirectoryFlags,
  memberKey,
  memberNamed,
  passphraseOf,
  readConfigurationOf,
  withDirectory,
} from '../directory.js';
import { asJson, type Format, write } from '../output.js';
import { makePrivateKey, privateKeyIn } from '../private-key.js';

interface AddKeyFlags extends DirectoryFlags {
  readonly purpose: MemberKeyPurpose;
  readonly privateKey: string;
  readonly keys?: string;
  readonly output: Format;
}

/** What the directory has a key sign that is added later; its own id makes the proof good once. */
const ADDED = 'add-key';

/** `khidi member add-key`: a further key of a member, to which deliveries are encrypted or by which receipts are signed. */
export function addKeyCommand(): Command {
  return withDirectory(
    new Command('add-key').description(
      'add a further key to a member, endorsed by its key for agreements; an officer approves it',
    ),
  )
    .argument('<member>', 'like GE/GOV/7001')
    .addOption(new Option('--purpose <purpose>', 'what the key is for').choices([...MEMBER_KEY_PURPOSES]).makeOptionMandatory())
    .requiredOption('--private-key <file>', 'the private key (PEM, P-256); made where there is no such file')
    .option('--keys <folder>', "where the member's keys for agreements lie; without it the local instance's")
    .addHelpText(
      'after',
      `
The keys are opened, and a new one is sealed, with KHIDI_PASSPHRASE or KHIDI_PASSPHRASE_FILE.

Example:
  $ khidi member add-key GE/GOV/7003 --purpose encryption --private-key deliveries.pem`,
    )
    .action(addKey);
}

async function addKey(text: string, flags: AddKeyFlags): Promise<void> {
  const id = memberNamed(text);
  const passphrase = passphraseOf(flags);
  const file = flags.privateKey;
  const privateKey = (await makePrivateKey(file, passphrase)) ?? (await privateKeyIn(file, passphrase));
  const { iss: operator } = await readConfigurationOf(flags);
  const { signer: endorser } = await memberKey(id, flags);
  const at = new Date();
  const jwk = publicJwkOf(privateKey);
  const key = publicMemberKey(jwk, id, flags.purpose, at);
  const own: Signer = { kid: key.kid as Signer['kid'], sign: (bytes) => signRaw('ES256', privateKey, bytes) };
  const proved = keyProofText(operator, id, key, ADDED);
  const [proof, endorsement] = [
    await signStatement('proof', proved, own, at),
    await signStatement('proof', proved, endorser, at),
  ];
  const { kty, crv, x, y } = key;
  const body = { key: { jwk: { kty, crv, x, y }, purpose: flags.purpose, proof }, endorsement };
  const member = (await askDirectory(flags, `/v1/members/${id}/keys`, body)) as Participant;
  await write(
    flags.output === 'json'
      ? asJson(member)
      : `Key ${key.kid} for ${flags.purpose} waits for an officer: khidi member approve ${id} --change ${key.kid}\n`,
  );
}

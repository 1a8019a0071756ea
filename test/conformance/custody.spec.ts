import { execFileSync, spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { keyFor, Pkcs11Custody, TransitCustody, withBreaker } from '#custody';
import {
  type KeyCustody,
  type KeyDescription,
  type Kid,
  publishedKey,
  readKeySet,
  salter,
  sealAll,
  signerOf,
  verify,
  verifyRaw,
} from '#envelope';
import type { MemberId } from '#record';
import { Secret } from '#settings';
import { sealInput } from '#testkit';
import { openLedgerKeys } from '../../apps/ledger/src/keys/ledger-keys.js';
import { type TransitContract, transitContract } from './transit-contract.js';

const ISS = 'GE/GOV/0001' as MemberId;
const PIN = '73194628';
const HELPER = resolve('dist/libs/custody/src/pkcs11/token-process.js');
const LIBRARY = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path));
const bytes = Buffer.from('to be signed');
const holds = (key: KeyDescription, signature: Uint8Array) =>
  verifyRaw(key.alg, createPublicKey({ key: { ...key.jwk }, format: 'jwk' }), bytes, signature);

let folder: string;
let contract: TransitContract;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-custody-'));
  contract = await transitContract('a token');
  writeFileSync(join(folder, 'token'), 'a token\n', { mode: 0o600 });
  if (LIBRARY === undefined) process.stdout.write('skipped: softhsm2 is not installed, PKCS #11 is not shown\n');
  else makeToken(join(folder, 'softhsm'));
});
afterAll(async () => {
  await contract.close();
  rmSync(folder, { recursive: true, force: true });
});

function makeToken(place: string): void {
  mkdirSync(join(place, 'tokens'), { recursive: true });
  writeFileSync(join(place, 'softhsm2.conf'), `directories.tokendir = ${join(place, 'tokens')}\nobjectstore.backend = file\n`);
  process.env.SOFTHSM2_CONF = join(place, 'softhsm2.conf'); // the vendor's own variable; the helper process inherits it
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', 'khidi', '--so-pin', '11223344', '--pin', PIN], {
    env: process.env, // what a child inherits by itself are the variables of jest, not those of the test
  });
}

const softhsm = (pin = PIN, more: { timeoutMs?: number; helper?: string } = {}) =>
  new Pkcs11Custody({ place: { library: LIBRARY ?? '', label: 'khidi' }, pin: new Secret(pin), helper: HELPER, ...more });
const transit = (more: { timeoutMs?: number; tokenFile?: string } = {}) =>
  new TransitCustody({ url: contract.url, mount: 'transit', tokenFile: join(folder, 'token'), timeoutMs: 5000, ...more });
/** A real Vault or OpenBao with an unsealed transit engine: KHIDI_TEST_TRANSIT=https://… and KHIDI_TEST_TRANSIT_TOKEN_FILE. */
const { KHIDI_TEST_TRANSIT: realUrl = '', KHIDI_TEST_TRANSIT_TOKEN_FILE: realToken = '' } = process.env;
const server = () => new TransitCustody({ url: realUrl, mount: 'transit', tokenFile: realToken, timeoutMs: 5000 });

const stores: readonly (readonly [string, boolean, () => KeyCustody])[] = [
  ['SoftHSM by PKCS #11', LIBRARY !== undefined, softhsm],
  ['the documented contract of the transit engine', true, transit],
  ['a real transit server', realUrl !== '', server],
];

for (const [name, present, open] of stores) {
  (present ? describe : describe.skip)(`when keys live in ${name}`, () => {
    let custody: KeyCustody;
    beforeAll(() => {
      custody = withBreaker(open());
    });
    afterAll(() => custody.close());

    it.each([['sealing', 'ES256'] as const, ['log', 'Ed25519'] as const])(
      'makes a key for %s and signs with it by %s',
      async (purpose, alg) => {
        const { key } = await keyFor(custody, purpose, alg, new Date());
        expect(key).toMatchObject({ purpose, alg });
        const signature = await custody.sign(key.kid, bytes);
        expect([signature.length, holds(key, signature)]).toEqual([64, true]);
      },
    );

    it('finds the same keys when it is opened again, and signs with one that nobody asked for before', async () => {
      const again = open();
      const kids = async (one: KeyCustody) => (await one.keys('sealing')).map(({ kid }) => kid);
      const [key] = await custody.keys('log');
      if (key === undefined) throw new Error('the key of the test before is gone');
      expect(holds(key, await again.sign(key.kid, bytes))).toBe(true);
      expect(await kids(again)).toEqual(await kids(custody));
      await again.close();
    });

    it('seals a chunk of records that anybody can verify', async () => {
      const { key } = await keyFor(custody, 'sealing', 'ES256', new Date());
      const sealer = { iss: ISS, signer: signerOf(custody, key.kid), salt: salter(Buffer.alloc(32, 7)) };
      const inputs = Array.from({ length: 20 }, (_, i) => sealInput({ event: { ...sealInput().event, id: `e${i}` } }));
      const now = new Date(Date.now() + 1000);
      const sealed = await sealAll(inputs, sealer, now);
      const keys = readKeySet({ keys: [publishedKey(key, ISS)] });
      expect(sealed.map((one) => one.ok && verify(one.envelope, { keys, now }).ok)).toEqual(inputs.map(() => true));
    });

    it("holds the ledger's two keys, the same ones at each start, and signs a checkpoint the same way twice", async () => {
      const first = await openLedgerKeys(custody, 'log.test/a', ISS, new Date());
      const again = await openLedgerKeys(custody, 'log.test/a', ISS, new Date());
      expect([again.log.key.vkey, again.receipts.keySet, again.made]).toEqual([first.log.key.vkey, first.receipts.keySet, []]);
      const signature = await first.log.sign(bytes);
      expect(first.log.key.verify(bytes, signature)).toBe(true);
      expect(await again.log.sign(bytes)).toEqual(signature);
    });

    it('fails with KEY_ABSENT for a key that it does not have', async () => {
      await expect(custody.sign('A'.repeat(43) as Kid, bytes)).rejects.toMatchObject({ code: 'KEY_ABSENT' });
    });
  });
}

(LIBRARY === undefined ? describe.skip : describe)('when a token or its library fails', () => {
  const sign = async (custody: KeyCustody, kid: Kid) => Promise.resolve(custody.sign(kid, bytes));

  it('does not try a wrong PIN twice', async () => {
    const custody = softhsm('00000000');
    await expect(custody.keys('sealing')).rejects.toMatchObject({ code: 'KEY_STORE_REFUSED' });
    await expect(custody.keys('sealing')).rejects.toMatchObject({ code: 'KEY_STORE_REFUSED' });
    expect(custody.ready()).toBe(false);
    await custody.close();
  });

  it('starts the library again after its process was killed', async () => {
    const custody = softhsm();
    const { key } = await keyFor(custody, 'sealing', 'ES256', new Date());
    for (const pid of helpers()) process.kill(pid, 'SIGKILL');
    const failed = await sign(custody, key.kid).then(
      () => undefined,
      (error: unknown) => (error as { code?: string }).code,
    );
    expect([undefined, 'KEY_STORE_UNAVAILABLE']).toContain(failed); // it may have heard of the end already
    expect(holds(key, await sign(custody, key.kid))).toBe(true);
    await custody.close();
  });

  it('ends a library that hangs, and says so with KEY_STORE_UNAVAILABLE', async () => {
    const helper = join(folder, 'hangs.mjs');
    writeFileSync(helper, "process.on('message', () => undefined);");
    const custody = softhsm(PIN, { helper, timeoutMs: 200 });
    await expect(custody.keys('sealing')).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
    for (let i = 0; i < 100 && helpers('hangs.mjs').length > 0; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(helpers('hangs.mjs')).toEqual([]);
    await custody.close();
  });

  it('shows the PIN neither in inspection, nor in the arguments or the environment of its process, nor in errors', async () => {
    const custody = softhsm();
    await custody.keys('sealing');
    const [pid] = helpers();
    const seen = [
      inspect(custody, { depth: 9, showHidden: true }),
      readFileSync(`/proc/${pid}/cmdline`, 'latin1'),
      readFileSync(`/proc/${pid}/environ`, 'latin1'),
    ].join('\n');
    expect(seen).not.toContain(PIN);
    await custody.close();
  });

  it('keeps private keys inside: none can be read from the token, not even with the PIN', () => {
    const dump = spawnSync('grep', ['-rlaE', 'PRIVATE KEY|"d":', join(folder, 'softhsm', 'tokens')], { encoding: 'utf8' });
    expect(dump.stdout).toBe('');
  });
});

/** The helper processes of this process. */
function helpers(script = 'token-process.js'): number[] {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return children.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(script);
    } catch {
      return false; // ended in the meantime
    }
  });
}

describe('when a transit server fails', () => {
  it.each([
    ['does not answer', 'hang', 'KEY_STORE_UNAVAILABLE'],
    ['answers 500', 500, 'KEY_STORE_UNAVAILABLE'],
    ['does not accept the token', 403, 'KEY_STORE_REFUSED'],
  ] as const)('says so when it %s', async (_, fail, code) => {
    const custody = transit({ timeoutMs: 150 });
    contract.fail = fail;
    await expect(custody.keys('sealing')).rejects.toMatchObject({ code });
    contract.fail = undefined;
    expect(Array.isArray(await custody.keys('sealing'))).toBe(true);
  });

  it('asks once for all signatures of a chunk, and never for a key that signs elsewhere', async () => {
    const custody = transit();
    const { key } = await keyFor(custody, 'sealing', 'ES256', new Date());
    contract.asked.length = 0;
    await Promise.all(Array.from({ length: 30 }, () => custody.sign(key.kid, bytes)));
    expect(contract.asked).toEqual(['POST sign/khidi-sealing-…']);
  });

  it('refuses a token file that others can read with KEY_FILE_EXPOSED, and plain HTTP to another machine', async () => {
    const tokenFile = join(folder, 'open');
    writeFileSync(tokenFile, 'a token', { mode: 0o644 });
    await expect(transit({ tokenFile }).keys('log')).rejects.toMatchObject({ code: 'KEY_FILE_EXPOSED' });
    const remote = () => new TransitCustody({ url: 'http://vault.example', mount: 'transit', tokenFile, timeoutMs: 1 });
    expect(remote).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }));
  });
});

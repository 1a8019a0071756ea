import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deadLetterSeal, openDeadLetterBody } from '#stream';
import { messageKey, openBody, operatorsKeys, publicKeySet } from './dead-body.js';

describe("the operators' key of dead letters", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'khidi-dead-'));
    process.env.KHIDI_PASSPHRASE = 'words of a test';
  });
  afterEach(() => {
    delete process.env.KHIDI_PASSPHRASE;
    rmSync(folder, { recursive: true });
  });

  it('is made once, sealed, and its public part is what services take; what they encrypt it opens', async () => {
    const flags = { privateKey: join(folder, 'operators.pem') };
    const made = await publicKeySet(flags);
    expect(await publicKeySet(flags)).toEqual(made);
    expect(statSync(flags.privateKey).mode & 0o777).toBe(0o600);
    const body = deadLetterSeal(made, new Date()).seal(Buffer.from('a body'));
    const keys = await operatorsKeys(flags);
    expect(String(openBody(body, keys))).toBe('a body');
    const opened = openDeadLetterBody(body, Buffer.from(messageKey(body, keys), 'base64url'));
    expect(opened).toMatchObject({ ok: true, content: Buffer.from('a body') });
  });

  it('opens nothing that was encrypted to another one, and does not open with other words', async () => {
    const [own, other] = [join(folder, 'a.pem'), join(folder, 'b.pem')].map((privateKey) => ({ privateKey }));
    const seal = deadLetterSeal(await publicKeySet(own ?? { privateKey: '' }), new Date());
    await publicKeySet(other ?? { privateKey: '' });
    const keys = await operatorsKeys(other ?? {});
    expect(() => openBody(seal.seal(Buffer.from('x')), keys)).toThrow('ENCRYPTED_KEY_UNKNOWN');
    process.env.KHIDI_PASSPHRASE = 'other words';
    await expect(operatorsKeys(own ?? {})).rejects.toThrow('no private key that can be opened');
  });
});

import { createPublicKey } from 'node:crypto';
import { generatePrivateKey, verifyRaw } from '#envelope';
import { SigningThread } from './signing-thread.js';

const privateKey = generatePrivateKey('ES256');
const publicKey = createPublicKey(privateKey);
const messages = (what: string, count: number) => Array.from({ length: count }, (_, i) => Buffer.from(`${what} ${i}`));
const hold = (signatures: readonly Buffer[], of: readonly Buffer[]) =>
  signatures.length === of.length &&
  of.every((message, i) => verifyRaw('ES256', publicKey, message, signatures[i] ?? Buffer.alloc(0)));

let thread: SigningThread;
beforeEach(() => {
  thread = new SigningThread();
});
afterEach(() => thread.close());

describe('when several ask at once', () => {
  it('gives each the signatures of its own messages', async () => {
    const asked = [messages('a', 50), messages('b', 1), messages('c', 300), []];
    const answers = await Promise.all(asked.map((of) => thread.sign('ES256', privateKey, of)));
    expect(answers.map((signatures, i) => hold(signatures, asked[i] ?? []))).toEqual([true, true, true, true]);
  });
});

describe('when it cannot sign', () => {
  it('says KEY_STORE_UNAVAILABLE to whoever asked, and goes on', async () => {
    const of = messages('a', 20);
    await expect(thread.sign('ES256', publicKey, of)).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
    expect(hold(await thread.sign('ES256', privateKey, of), of)).toBe(true);
  });

  it('leaves nobody waiting who had asked when it ended, and another one is started', async () => {
    const of = messages('a', 20);
    const open = [thread.sign('ES256', privateKey, of), thread.sign('ES256', privateKey, of)];
    const told = Promise.allSettled(open);
    await thread.close();
    expect((await told).map((one) => one.status === 'rejected' && (one.reason as { code: string }).code)).toEqual([
      'KEY_STORE_UNAVAILABLE',
      'KEY_STORE_UNAVAILABLE',
    ]);
    expect(hold(await thread.sign('ES256', privateKey, of), of)).toBe(true);
  });
});

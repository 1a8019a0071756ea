import type { KeyCustody, Kid } from '#envelope';
import { withBreaker } from './breaker.js';

const KID = 'A'.repeat(43) as Kid;
const SIGNATURE = Buffer.alloc(64);

function store(answer: () => Buffer | Promise<Buffer>) {
  let asked = 0;
  const custody: KeyCustody = {
    store: 'transit',
    sign: () => {
      asked += 1;
      return answer();
    },
    keys: async () => [],
    create: () => Promise.reject(new Error('unused')),
    ready: () => true,
    close: async () => undefined,
  };
  return { custody, asked: () => asked };
}

const outcome = async (custody: KeyCustody) => {
  try {
    return (await custody.sign(KID, Buffer.alloc(1))).length;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('when a key store fails again and again', () => {
  it('is left in peace after three failures, asked once in a while, and used again when it is back', async () => {
    let now = 0;
    let dead = true;
    const { custody, asked } = store(() => (dead ? Promise.reject(new Error('down')) : Promise.resolve(SIGNATURE)));
    const guarded = withBreaker(custody, { failures: 3, restMs: 1000, now: () => now });
    for (let i = 0; i < 10; i++) expect(await outcome(guarded)).toBe('KEY_STORE_UNAVAILABLE');
    expect([asked(), guarded.ready()]).toEqual([3, false]);
    now = 1000;
    expect([await outcome(guarded), await outcome(guarded), asked()]).toEqual([
      'KEY_STORE_UNAVAILABLE',
      'KEY_STORE_UNAVAILABLE',
      4,
    ]);
    dead = false;
    now = 3000;
    expect([await outcome(guarded), await outcome(guarded), guarded.ready()]).toEqual([64, 64, true]);
  });

  it('counts an answer that comes too late as a failure', async () => {
    const { custody } = store(() => new Promise(() => undefined));
    const guarded = withBreaker(custody, { failures: 1, timeoutMs: 5 });
    expect(await outcome(guarded)).toBe('KEY_STORE_UNAVAILABLE');
    expect(guarded.ready()).toBe(false);
  });

  it('lets signatures through that come at once', () => {
    const { custody } = store(() => SIGNATURE);
    expect(withBreaker(custody).sign(KID, Buffer.alloc(1))).toBe(SIGNATURE);
  });
});

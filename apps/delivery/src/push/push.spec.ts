import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readWebhook } from '#consumer';
import { deliveryTopic, HEADER } from '#record';
import { deadLetterTopic } from '#stream';
import { FakePolicy, ids, PENSIONS, policyOf, Scene, SECRET, TAXES, TYPE, terms, until } from '../delivery.fixture.js';
import { addressOf, isPublic, patientResolve } from './addresses.js';
import { Breaker } from './breaker.js';
import { Poster } from './post.js';

jest.setTimeout(60_000);

interface Request {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const servers: Server[] = [];
let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(async () => {
  await scene.stop();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A consumer's endpoint, which takes what is said of loads; `answer` is called with the count of requests so far. */
async function endpoint(answer: (response: ServerResponse, count: number, request: Request) => void) {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.headers['khidi-loaded'] !== undefined) return void response.writeHead(204).end();
      const got = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) };
      requests.push(got);
      answer(response, requests.length, got);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` };
}

const ok = (response: ServerResponse) => void response.writeHead(204).end();
const hook = (url: string, consumer = PENSIONS, order: 'subject' | 'none' = 'subject') => ({ consumer, url, order });
const numbersOf = (requests: readonly Request[]) => requests.map(({ headers }) => Number(headers['khidi-number']));
const dead = () =>
  scene.stream
    .records(deadLetterTopic('delivery'))
    .map(({ headers }) => [String(headers.khidi_number), String(headers.khidi_fault), String(headers.khidi_consumer)]);

describe('when a consumer has a webhook', () => {
  it('gets each envelope byte for byte, signed by Standard Webhooks, in the order of its subject', async () => {
    const { requests, url } = await endpoint((response, count) => (count === 1 ? response.writeHead(500).end() : ok(response)));
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)]), [hook(url)]));
    await scene.seal(ids(3));
    scene.log(0, 2);
    await until(() => requests.length === 4);
    expect(numbersOf(requests)).toEqual([1, 1, 2, 3]);
    const [first, again] = requests;
    expect(first?.body).toEqual(scene.onTopic(deliveryTopic(PENSIONS, TYPE))[0]?.value);
    expect(first?.headers['webhook-id']).toBe(again?.headers['webhook-id']);
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = first?.headers ?? {};
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${time}.${first?.body}`).digest('base64');
    expect([signature, first?.headers['content-type']]).toEqual([`v1,${expected}`, 'application/jose']);
  });

  it('keeps what it does not accept as a dead letter and goes on with the next', async () => {
    const { requests, url } = await endpoint((response, _, { headers }) =>
      headers['khidi-number'] === '1' ? response.writeHead(422).end() : ok(response),
    );
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)]), [hook(url)]));
    await scene.seal(ids(2));
    scene.log(0, 1);
    await until(() => dead().length === 1 && numbersOf(requests).includes(2));
    expect(dead()).toEqual([['1', 'DELIVERY_PUSH_FAILED', PENSIONS]]);
    expect(numbersOf(requests)).toEqual([1, 1, 1, 2]);
    const [kept] = scene.stream.records(deadLetterTopic('delivery'));
    expect(kept?.value).toEqual(scene.onTopic(deliveryTopic(PENSIONS, TYPE))[0]?.value);
  });

  it('takes a status for an answer, whatever follows it: nothing, a break, or more than anybody wants', async () => {
    const { requests, url } = await endpoint((response, count) => {
      response.writeHead(200);
      response.flushHeaders();
      if (count === 1) setTimeout(() => response.destroy(), 10);
      if (count === 2) for (let i = 0; i < 200; i++) response.write(Buffer.alloc(64 * 1024));
    });
    const delivery = await scene.start(new FakePolicy(policyOf([terms(PENSIONS)]), [hook(url)]));
    await scene.seal(ids(3));
    scene.log(0, 2);
    await until(() => requests.length === 3);
    await until(() => String(delivery.decisions.get(`push|${PENSIONS}|${TYPE}`)).includes('"settled":[]'));
    expect([numbersOf(requests), dead()]).toEqual([[1, 2, 3], []]);
  });

  it('sends nothing twice that was settled before a restart', async () => {
    const { requests, url } = await endpoint(ok);
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]), [hook(url)]);
    await scene.start(policy);
    await scene.seal(ids(2));
    scene.log(0, 1);
    await until(() => requests.length === 2);
    await scene.stop();
    await scene.seal(ids(1, 3));
    scene.log(2, 2);
    await scene.start(policy);
    await until(() => requests.length === 3);
    expect(numbersOf(requests)).toEqual([1, 2, 3]);
  });
});

describe('when an initial load is complete', () => {
  it('is told by webhook once all before it are settled, signed as they are, and no dead letter where nobody takes it', async () => {
    const taken: (readonly [string, number])[] = [];
    const server = createServer((request, response) => {
      const isMark = request.headers['khidi-loaded'] !== undefined;
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const read = readWebhook(
          { headers: request.headers, body: Buffer.concat(parts) },
          { secrets: [SECRET], consumer: PENSIONS, now: scene.clock.now() },
        );
        if (isMark && 'loaded' in read) taken.push(['loaded', read.loaded.through]);
        const number = Number(request.headers['khidi-number']);
        if (!isMark && 'message' in read)
          setTimeout(() => taken.push([read.message.headers[HEADER.load] ? 'load' : '', number]), 20);
        setTimeout(() => response.writeHead(isMark ? 500 : 204).end(), 20);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await scene.seal(ids(2));
    await scene.seal(ids(1, 3), { subject: 'another' });
    scene.log(0, 2);
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)]), [hook(url)]));
    await until(() => taken.length === 6); // the mark is tried as often as a delivery
    await scene.seal(ids(1, 4));
    scene.log(3, 3);
    await until(() => taken.length === 7);
    expect(taken.slice(0, 3).sort()).toEqual([
      ['load', 1],
      ['load', 2],
      ['load', 3],
    ]);
    expect(taken.slice(3)).toEqual([
      ['loaded', 3],
      ['loaded', 3],
      ['loaded', 3],
      ['', 4],
    ]);
    expect(dead()).toEqual([]);
  });
});

describe('when an agreement is revoked in the middle of a delivery', () => {
  it('makes no further request', async () => {
    const { requests, url } = await endpoint((response) => void response.writeHead(503).end());
    const policy = new FakePolicy(policyOf([terms(PENSIONS)]), [hook(url)]);
    await scene.start(policy, { pace: { attempts: 1000 } });
    await scene.seal(ids(1));
    scene.log(0, 0);
    await until(() => requests.length > 0);
    policy.set(policyOf([terms(PENSIONS)], { revoked: ['a-pensions'], version: 'p2' }));
    const before = requests.length;
    await until(() => dead().length === 1);
    expect(requests.length).toBeLessThanOrEqual(before + 1);
    expect(dead()).toEqual([['1', 'POLICY_REVOKED', PENSIONS]]);
  });
});

describe('when one endpoint never answers', () => {
  it('slows nobody else', async () => {
    const unanswered: ServerResponse[] = [];
    let silence = true;
    const silent = await endpoint((response) => (silence ? void unanswered.push(response) : ok(response)));
    const quick = await endpoint(ok);
    const webhooks = [hook(silent.url), hook(quick.url, TAXES)];
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES)]), webhooks), { post: { timeoutMs: 20_000 } });
    for (let subject = 0; subject < 40; subject++) await scene.seal([`s${subject}`], { subject: `person ${subject}` });
    scene.log(0, 39);
    await until(() => quick.requests.length === 40);
    expect(new Set(numbersOf(silent.requests)).size).toBeLessThanOrEqual(32);
    expect(dead().filter(([, , consumer]) => consumer === TAXES)).toEqual([]);
    silence = false; // the time-out, longer than any machine is slow, need not be waited for
    for (const response of unanswered) response.writeHead(204).end();
  });
});

describe('when a request is made', () => {
  const post = (url: string, options = {}) =>
    new Poster({ timeoutMs: 10_000, privateAllowed: true, ...options }).post(new URL(url), {}, Buffer.from('x'));

  it('follows no redirect', async () => {
    const target = await endpoint(ok);
    const { url } = await endpoint((response) => void response.writeHead(307, { location: target.url }).end());
    expect(await post(url)).toEqual({ ok: false, why: 'redirect', status: 307 });
    expect(target.requests).toEqual([]);
  });

  it('waits no longer than it may', async () => {
    expect(await post((await endpoint(() => undefined)).url, { timeoutMs: 100 })).toEqual({ ok: false, why: 'timeout' });
  });

  it('speaks TLS only with who can', async () => {
    const { url } = await endpoint(ok);
    expect(await post(url.replace('http:', 'https:'))).toEqual({ ok: false, why: 'tls' });
  });

  it('names a connection that could not be made', async () => {
    const { url } = await endpoint(ok);
    servers.at(-1)?.close();
    await new Promise((resolve) => servers.at(-1)?.once('close', resolve));
    expect(await post(url)).toEqual({ ok: false, why: 'connection' });
  });

  it.each([
    'http://93.184.216.34/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://10.0.0.1/',
    'https://user:secret@khidi.example/',
  ])('never connects to %s unless private addresses are allowed', async (url) => {
    expect(await post(url, { privateAllowed: false })).toEqual({ ok: false, why: 'address' });
  });

  it('connects to the very address that was judged, however the name points afterwards', async () => {
    const { url, requests } = await endpoint(ok);
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const named = url.replace('127.0.0.1', 'khidi.invalid');
    expect(await post(named, { resolve })).toEqual({ ok: true, status: 204 });
    expect([asked, requests.length]).toEqual([['khidi.invalid'], 1]);
    expect(await post(named.replace('http', 'https'), { resolve, privateAllowed: false })).toEqual({ ok: false, why: 'address' });
  });
});

describe('when whoever answers for a name takes its time', () => {
  it('looks it up once for all that wait, and waits no longer than it may', async () => {
    const asked: string[] = [];
    const patient = patientResolve(20, (host) => {
      asked.push(host);
      return host === 'slow.example' ? new Promise(() => undefined) : Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    });
    const slow = await Promise.allSettled(Array.from({ length: 32 }, () => patient('slow.example')));
    expect(slow.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(patient('slow.example')).rejects.toThrow('in time');
    for (let i = 0; i < 2; i += 1) expect(await patient('quick.example')).toHaveLength(1);
    expect(asked).toEqual(['slow.example', 'quick.example', 'quick.example']);
  });
});

describe('when an endpoint was started anew and with it every connection that was kept', () => {
  it('gets the request over a new one, and no failure is counted', async () => {
    const first = await endpoint(ok);
    const poster = new Poster({ timeoutMs: 2000, privateAllowed: true });
    const post = () => poster.post(new URL(first.url), {}, Buffer.from('x'));
    expect(await post()).toEqual({ ok: true, status: 204 });
    const [server] = servers.slice(-1);
    // The kept connection is cut the moment the next request is written to it.
    server?.prependOnceListener('request', (request) => request.socket.destroy());
    expect(await post()).toEqual({ ok: true, status: 204 });
    poster.close();
  });
});

describe('when an address is judged', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
  ])('finds %s not public', (address) => expect(isPublic(address)).toBe(false));

  it.each(['8.8.8.8', '172.32.0.1', '2606:4700:4700::1111'])('finds %s public', (address) =>
    expect(isPublic(address)).toBe(true),
  );

  it('takes no name that points outside and inside at once', async () => {
    const both = async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    expect(await addressOf('both.example', false, both)).toBeUndefined();
  });
});

describe('when an endpoint fails again and again', () => {
  it('gets the first rest also where many requests were under way at once', () => {
    const breaker = new Breaker(100, 600_000);
    for (let i = 0; i < 32; i++) expect(breaker.enter(0)).toBe(0);
    for (let i = 0; i < 32; i++) breaker.failed(i);
    expect([breaker.enter(103), breaker.enter(104)]).toEqual([1, 0]);
    breaker.failed(110);
    expect([breaker.enter(309), breaker.enter(310)]).toEqual([1, 0]);
  });

  it('gets a rest that doubles, one request at the end of it, and all of them once that one succeeds', () => {
    const breaker = new Breaker(100, 300);
    for (let i = 0; i < 5; i++) {
      expect(breaker.enter(0)).toBe(0);
      breaker.failed(0);
    }
    expect([breaker.open, breaker.enter(40), breaker.enter(100), breaker.enter(100)]).toEqual([true, 60, 0, 100]);
    breaker.failed(100);
    expect([breaker.enter(200), breaker.enter(300)]).toEqual([100, 0]);
    breaker.failed(300);
    expect([breaker.enter(599), breaker.enter(600)]).toEqual([1, 0]);
    breaker.succeeded();
    expect([breaker.open, breaker.enter(600), breaker.enter(600)]).toEqual([false, 0, 0]);
  });
});

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beat, type Road } from './beat.js';

/** A road that answers as adapter and ledger do, and can be broken at each stage. */
let door = 202;
let sealedAfter = 0;
let logged = true;
const sent: { headers: IncomingMessage['headers']; body: string }[] = [];
let server: Server;
let road: Road;

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
      const body = (() => {
        if (request.method === 'POST') {
          sent.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
          response.statusCode = door;
          return {};
        }
        if (pathname === '/v1/events') {
          sealedAfter -= 1;
          return sealedAfter >= 0 ? { status: 'accepted' } : { status: 'sealed', jti: `jti of ${searchParams.get('id')}` };
        }
        response.statusCode =
          logged && searchParams.get('jti') === 'jti of b1' && searchParams.get('iss') === 'GE/GOV/0001' ? 200 : 404;
        return {};
      })();
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  road = { adapter: url, authorization: 'Basic x', source: '/GE/GOV/7001/base-registry', ledger: url, issuer: 'GE/GOV/0001' };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  door = 202;
  sealedAfter = 0;
  logged = true;
});

async function run(patienceMs = 5000) {
  const stages: string[] = [];
  const result = await beat(
    road,
    'b1',
    () => new Date(),
    (stage, seconds) => seconds >= 0 && stages.push(stage),
    patienceMs,
  );
  return { result, stages };
}

describe('when the whole road works', () => {
  it('passes every stage, also where the envelope takes a while', async () => {
    sealedAfter = 2;
    expect(await run()).toEqual({ result: { through: true }, stages: ['door', 'sealed', 'logged'] });
    expect(sent.at(-1)?.headers).toMatchObject({
      'ce-type': 'operations.heartbeat.updated',
      'ce-id': 'b1',
      authorization: 'Basic x',
    });
    expect(JSON.parse(sent.at(-1)?.body ?? '')).toEqual({ id: 'heartbeat', at: expect.stringMatching(/Z$/) });
  });
});

describe('when the road is broken', () => {
  it('names the stage that it did not pass', async () => {
    door = 503;
    expect(await run()).toEqual({ result: { through: false, missing: 'door' }, stages: [] });
    door = 202;
    sealedAfter = 1_000_000;
    expect(await run(300)).toEqual({ result: { through: false, missing: 'sealed' }, stages: ['door'] });
    sealedAfter = 0;
    logged = false;
    expect(await run(300)).toEqual({ result: { through: false, missing: 'logged' }, stages: ['door', 'sealed'] });
  });

  it('is missing at the door where nothing answers', async () => {
    const away = { ...road, adapter: 'http://127.0.0.1:1' };
    expect(
      await beat(
        away,
        'b1',
        () => new Date(),
        () => undefined,
        1000,
      ),
    ).toEqual({ through: false, missing: 'door' });
  });
});

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import supertest from 'supertest';
import { encodeOutcomes, type Outcome } from '#record';
import { type Doors, openDoors } from './doors.fixture.js';

const SOURCE = '/GE/GOV/7001/base-registry';
let doors: Doors;
const post = (path = '/v1/events') =>
  supertest(doors.service.url).post(path).auth('base-registry', doors.secrets['base-registry']);
const get = (path: string, user: 'base-registry' | 'other' = 'base-registry') =>
  supertest(doors.service.url).get(path).auth(user, doors.secrets[user]);
const published = () => doors.publisher.records.map(({ value }) => value?.toString('latin1'));
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const event = (id: string, data: string, more = '') =>
  `{"specversion":"1.0","id":"${id}","type":"address.locality.created","dataschema":"urn:khidi:schema:address.locality:1"${more},"data":${data}}`;
const outcome = (kind: Outcome['kind'], id: string, source = SOURCE): Outcome => ({
  kind,
  id,
  source,
  type: 'address.locality.created',
  ingress: 'ingress.GE-GOV-7001.address.locality/0/0',
  at: '2026-11-21T10:00:00.000Z',
});

beforeAll(async () => {
  doors = await openDoors();
});
beforeEach(() => doors.reset());
afterAll(() => doors.close());

describe('when one event comes', () => {
  it('answers 202 in binary mode and publishes exactly the bytes of the body', async () => {
    const body = Buffer.from('{"n":1.0,"big":9007199254740993,"d":1,"d":2,"x":"\xff"} ', 'latin1');
    const answer = await fetch(`${doors.service.url}/v1/events`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Basic ${Buffer.from(`base-registry:${doors.secrets['base-registry']}`).toString('base64')}`,
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'a%2Fb',
        'ce-type': 'address.locality.created',
        'ce-time': '2026-11-21T09:00:00Z',
        'ce-subject': 's',
        'ce-sequence': '4',
        'ce-foo': 'dropped',
        'ce-dataschema': 'urn:khidi:schema:address.locality:1',
      },
    });
    expect([answer.status, await answer.json()]).toEqual([
      202,
      { id: 'a/b', source: SOURCE, type: 'address.locality.created', status: 'accepted' },
    ]);
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe('/v1/events?source=%2FGE%2FGOV%2F7001%2Fbase-registry&id=a%2Fb');
    expect(doors.publisher.records).toEqual([
      {
        topic: 'ingress.GE-GOV-7001.address.locality',
        key: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
        value: body,
        headers: {
          'content-type': 'application/json',
          ce_specversion: '1.0',
          ce_id: 'a/b',
          ce_source: SOURCE,
          ce_type: 'address.locality.created',
          ce_time: '2026-11-21T09:00:00Z',
          ce_dataschema: 'urn:khidi:schema:address.locality:1',
          ce_sequence: '4',
        },
      },
    ]);
    expect((await get(location)).body).toMatchObject({ id: 'a/b', status: 'accepted' });
  });

  it('cuts data out of a structured event and continues the trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await post()
      .set({ 'content-type': 'Application/CloudEvents+JSON; charset=UTF-8', traceparent })
      .send(event('a', '{ "n" : 1.0 }'));
    expect([answer.status, published()]).toEqual([202, ['{ "n" : 1.0 }']]);
    expect(doors.publisher.records[0]?.headers.traceparent).toBe(traceparent);
  });

  it('lets content pass to be judged on the road', async () => {
    const answer = await post()
      .set('content-type', 'application/cloudevents+json')
      .send(event('a', '{"a":,}', ',"datacontenttype":"text/xml"'));
    expect([answer.status, published()]).toEqual([202, ['{"a":,}']]);
  });

  it('keeps one subject together by a key that only the member can compute', async () => {
    for (const [id, subject] of [
      ['1', 's'],
      ['2', 's'],
      ['3', 't'],
    ]) {
      await post()
        .set('content-type', 'application/cloudevents+json')
        .send(event(id ?? '', '{}', `,"subject":"${subject}"`));
    }
    const [a, b, c] = doors.publisher.records.map(({ key }) => key);
    expect([a === b, b === c]).toEqual([true, false]);
  });

  it.each<[string, Record<string, string>, string, number, string]>([
    ['no content type', { 'content-type': '' }, '{}', 415, 'DOOR_MEDIA_TYPE'],
    ['another content type', { 'content-type': 'application/xml' }, '<a/>', 415, 'DOOR_MEDIA_TYPE'],
    ['another charset', { 'content-type': 'application/json; charset=utf-16' }, '{}', 415, 'DOOR_MEDIA_TYPE'],
    [
      'a compressed body',
      { 'content-type': 'application/cloudevents+json', 'content-encoding': 'gzip' },
      '{}',
      415,
      'DOOR_MEDIA_TYPE',
    ],
    ['JSON that is no event', { 'content-type': 'application/json' }, '{}', 400, 'DOOR_FRAMING'],
    ['a broken structured event', { 'content-type': 'application/cloudevents+json' }, '{', 400, 'DOOR_FRAMING'],
    [
      'a foreign source',
      { 'content-type': 'application/cloudevents+json' },
      event('a', '1', ',"source":"/GE/GOV/7001/other"'),
      403,
      'DOOR_SOURCE_FOREIGN',
    ],
    [
      'a foreign type',
      { 'content-type': 'application/cloudevents+json' },
      event('a', '1').replace('address', 'population'),
      422,
      'DOOR_TYPE_UNROUTED',
    ],
    [
      'more than 1 MiB',
      { 'content-type': 'application/cloudevents+json' },
      event('a', `"${'x'.repeat(1024 * 1024)}"`),
      413,
      'DOOR_TOO_LARGE',
    ],
  ])('refuses %s with a problem', async (_, headers, body, status, code) => {
    const answer = await post().set(headers).send(body);
    expect([answer.status, answer.type, JSON.parse(answer.text)]).toEqual([
      status,
      'application/problem+json',
      expect.objectContaining({
        code,
        status,
        type: `urn:khidi:fault:${code}`,
        instance: `urn:uuid:${answer.headers['x-correlation-id']}`,
      }),
    ]);
    expect(doors.publisher.records).toEqual([]);
  });

  it('refuses a parameter that it does not know', async () => {
    const answer = await post('/v1/events?mapping=x').set('content-type', 'application/cloudevents+json').send(event('a', '1'));
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'DOOR_PARAMETER' });
  });

  it('acknowledges nothing while Kafka is away', async () => {
    doors.publisher.plans.push('away');
    const answer = await post().set('content-type', 'application/cloudevents+json').send(event('a', '1'));
    expect([answer.status, answer.headers['retry-after'], JSON.parse(answer.text).code]).toEqual([
      503,
      '2',
      'STREAM_UNAVAILABLE',
    ]);
    expect((await get('/v1/events?id=a')).status).toBe(404);
  });

  it('takes 101 headers for an attack', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, '1']));
    const answer = await post().set(many).set('content-type', 'application/cloudevents+json').send(event('a', '1'));
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([413, 'DOOR_TOO_LARGE']);
  });

  it('answers other methods with 405 and what is allowed', async () => {
    const answer = await supertest(doors.service.url).put('/v1/events').auth('base-registry', doors.secrets['base-registry']);
    expect([answer.status, answer.headers.allow, JSON.parse(answer.text).code]).toEqual([405, 'GET, POST', 'DOOR_METHOD']);
  });
});

describe('when an event takes the ordinary way through Nest', () => {
  it('gets the same answers as by the fast lane', async () => {
    const ordinary = await openDoors('ordinary');
    const shot = async ({ service, secrets }: Doors, body: string, user: 'base-registry' | 'other' = 'base-registry') => {
      const headers = {
        'content-type': 'application/cloudevents+json',
        authorization: `Basic ${Buffer.from(`base-registry:${secrets[user]}`).toString('base64')}`,
        'x-correlation-id': '00000000-0000-4000-8000-000000000000',
      };
      const answer = await fetch(`${service.url}/v1/events`, { method: 'POST', headers, body });
      const { date, ...rest } = Object.fromEntries(answer.headers);
      return [answer.status, rest, date === undefined ? 'no date' : 'dated', await answer.json()];
    };
    for (const body of [event('a', '1'), '{', event('b', '1', ',"source":"/x"')]) {
      expect(await shot(ordinary, body)).toEqual(await shot(doors, body));
    }
    expect(await shot(ordinary, event('c', '1'), 'other')).toEqual(await shot(doors, event('c', '1'), 'other'));
    await ordinary.close();
  });
});

describe('when a batch comes', () => {
  it('answers 207 with a status for each event, in order', async () => {
    const body = `[${event('a', '1.0')}, {"id":1}, ${event('c', '{ }')}, ${event('d', '1', ',"source":"/GE/GOV/7002/x"')}]`;
    const answer = await post().set('content-type', 'application/cloudevents-batch+json').send(body);
    expect([answer.status, answer.body.statuses]).toEqual([
      207,
      [
        { index: 0, id: 'a', source: SOURCE, type: 'address.locality.created', status: 202 },
        { index: 1, status: 400, fault: 'DOOR_FRAMING', detail: 'the attribute id is not a string' },
        { index: 2, id: 'c', source: SOURCE, type: 'address.locality.created', status: 202 },
        { index: 3, id: 'd', status: 403, fault: 'DOOR_SOURCE_FOREIGN' },
      ],
    ]);
    expect(published()).toEqual(['1.0', '{ }']);
  });

  it('answers 503 for the whole where Kafka is away', async () => {
    doors.publisher.plans.push('away');
    expect(
      (
        await post()
          .set('content-type', 'application/cloudevents-batch+json')
          .send(`[${event('a', '1')}]`)
      ).status,
    ).toBe(503);
  });

  it('refuses what is no array', async () => {
    const answer = await post().set('content-type', 'application/cloudevents-batch+json').send(event('a', '1'));
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'DOOR_FRAMING' });
  });
});

describe('when lines come', () => {
  const ndjson = (body: string | Buffer, query = '') =>
    post(`/v1/events${query}`).set('content-type', 'application/x-ndjson').send(body.toString());

  it('answers one status a line and goes on after a refused one', async () => {
    const answer = await ndjson(
      [event('a', '1'), 'x', '', event('b', `"${'x'.repeat(1024 * 1024)}"`), event('c', '2')].join('\n'),
    );
    expect([answer.status, answer.type, lines(answer.text)]).toEqual([
      200,
      'application/x-ndjson',
      [
        { line: 1, id: 'a', status: 202 },
        { line: 2, status: 400, fault: 'DOOR_FRAMING', detail: expect.any(String) },
        { line: 4, status: 413, fault: 'DOOR_TOO_LARGE', detail: expect.any(String) },
        { line: 5, id: 'c', status: 202 },
      ],
    ]);
    expect(published()).toEqual(['1', '2']);
  });

  it('publishes bare records as they stand, under ids derived from their content', async () => {
    const rows = '{"id":"1", "n":1.0}\r\n{"id":"2"}\n{"id":"1", "n":1.0}';
    const answer = await ndjson(rows, '?type=address.locality&schema=3&op=updated');
    const ids = lines(answer.text).map(({ id }) => id);
    expect(published()).toEqual(['{"id":"1", "n":1.0}', '{"id":"2"}', '{"id":"1", "n":1.0}']);
    expect([ids[0] === ids[2], ids[0] === ids[1]]).toEqual([true, false]);
    expect(doors.publisher.records[0]?.headers).toMatchObject({
      ce_type: 'address.locality.updated',
      ce_dataschema: 'urn:khidi:schema:address.locality:3',
    });
  });

  it.each([
    ['?type=x&schema=1', 'DOOR_PARAMETER'],
    ['?type=population.person&schema=1', 'DOOR_TYPE_UNROUTED'],
    ['?type=address.locality', 'DOOR_PARAMETER'],
    ['?type=address.locality&schema=0', 'DOOR_PARAMETER'],
    ['?type=address.locality&schema=1&op=deleted', 'DOOR_PARAMETER'],
    ['?schema=1&schema=2', 'DOOR_PARAMETER'],
  ])('refuses %s', async (query, code) => {
    expect(JSON.parse((await ndjson('{}', query)).text)).toMatchObject({ code });
  });

  it('answers 503 as a problem where Kafka is away from the beginning', async () => {
    doors.publisher.plans.push('away');
    const answer = await ndjson(event('a', '1'));
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'STREAM_UNAVAILABLE']);
  });

  it('publishes nothing later after a chunk that failed, so that the order holds', async () => {
    const upload = openUpload();
    upload.request.write(`${event('a', '1')}\n`);
    expect(await upload.line()).toMatchObject({ id: 'a', status: 202 });
    doors.publisher.plans.push('away');
    upload.request.write(`${event('b', '2')}\n`);
    expect(await upload.line()).toEqual({ line: 2, id: 'b', status: 503, fault: 'STREAM_UNAVAILABLE' });
    upload.request.end(`${event('c', '3')}\n`);
    expect(await upload.line()).toMatchObject({ id: 'c', status: 503 });
    await upload.ended();
    expect(published()).toEqual(['1']);
  });

  it('answers a line before the next one is sent', async () => {
    const upload = openUpload();
    for (const id of ['a', 'b']) {
      upload.request.write(`${event(id, '1')}\n`);
      expect(await upload.line()).toMatchObject({ id, status: 202 });
    }
    upload.request.end();
    await upload.ended();
  });

  it('stops cleanly when the caller goes away', async () => {
    const upload = openUpload();
    upload.request.write(`${event('a', '1')}\n`);
    await upload.line();
    upload.request.destroy();
    await untilLogged('caller gone');
    expect(doors.logs.join('')).not.toContain('"level":"error"');
    expect((await get('/v1/events?id=a')).body).toMatchObject({ status: 'accepted' });
  });

  it('maps CSV rows', async () => {
    const answer = await post('/v1/events?mapping=bodies').set('content-type', 'text/csv').send('id,name\n1,a\n2\n3,\n');
    expect(lines(answer.text)).toMatchObject([
      { line: 2, status: 202 },
      { line: 3, status: 400, fault: 'DOOR_FRAMING' },
      { line: 4, status: 202 },
    ]);
    expect(published()).toEqual(['{"id":"1","name":"a"}', '{"id":"3"}']);
  });

  it('refuses an unknown mapping and a header that is none', async () => {
    const unknown = await post('/v1/events?mapping=x').set('content-type', 'text/csv').send('id\n1');
    const header = await post('/v1/events?mapping=bodies').set('content-type', 'text/csv').send('id,id\n1,2');
    expect([unknown, header].map(({ text }) => JSON.parse(text).code)).toEqual(['DOOR_PARAMETER', 'DOOR_FRAMING']);
  });

  function openUpload() {
    const headers = { 'content-type': 'application/x-ndjson' };
    const auth = `base-registry:${doors.secrets['base-registry']}`;
    const request = httpRequest(`${doors.service.url}/v1/events`, { method: 'POST', headers, auth });
    request.on('error', () => undefined); // one of the tests cuts it
    const response = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    let text = '';
    const line = async (): Promise<unknown> => {
      const stream = await response;
      while (!text.includes('\n')) text += String(await new Promise((resolve) => stream.once('data', resolve)));
      const end = text.indexOf('\n');
      const first = text.slice(0, end);
      text = text.slice(end + 1);
      return JSON.parse(first);
    };
    const ended = async (): Promise<void> => {
      const stream = await response;
      if (!stream.complete) await new Promise((resolve) => stream.resume().once('end', resolve));
    };
    return { request, line, ended };
  }

  async function untilLogged(word: string): Promise<void> {
    while (!doors.logs.some((entry) => entry.includes(word))) await new Promise((resolve) => setImmediate(resolve));
  }
});

describe('when somebody asks for outcomes', () => {
  const append = (offset: bigint, ...outcomes: Outcome[]) => doors.store.append([{ offset, value: encodeOutcomes(outcomes) }]);

  it('gives them oldest first and goes on from a cursor', async () => {
    await append(0n, outcome('sealed', 'a'), outcome('rejected', 'b'));
    await append(1n, outcome('sealed', 'c'));
    const first = (await get('/v1/outcomes?limit=2')).body;
    const second = (await get(`/v1/outcomes?after=${first.next}`)).body;
    expect([first.outcomes.map((one: Outcome) => one.id), first.more]).toEqual([['a', 'b'], true]);
    expect([second.outcomes.map((one: Outcome) => one.id), second.more]).toEqual([['c'], false]);
    expect((await get(`/v1/outcomes?after=${first.outcomes[0].cursor}`)).body.outcomes[0].id).toBe('b');
  });

  it('filters by kind', async () => {
    await append(0n, outcome('sealed', 'a'), outcome('rejected', 'b'), outcome('conflict', 'c'));
    const { body } = await get('/v1/outcomes?kind=rejected,conflict');
    expect(body.outcomes.map((one: Outcome) => one.id)).toEqual(['b', 'c']);
  });

  it('shows a subsystem its own, and what can be nobody else’s', async () => {
    await append(
      0n,
      outcome('sealed', 'a'),
      outcome('rejected', 'x', '/GE/GOV/9999/foreign'),
      outcome('sealed', 'o', '/GE/GOV/7001/other'),
    );
    const ids = async (user: 'base-registry' | 'other') =>
      (await get('/v1/outcomes', user)).body.outcomes.map((one: Outcome) => one.id);
    expect([await ids('base-registry'), await ids('other')]).toEqual([
      ['a', 'x'],
      ['x', 'o'],
    ]);
    expect((await get(`/v1/events?source=${SOURCE}&id=a`, 'other')).status).toBe(403);
    expect((await get('/v1/events?id=a', 'other')).status).toBe(404);
  });

  it('waits for the first one', async () => {
    const waiting = get('/v1/outcomes?wait=20').then(({ body }) => body.outcomes.map((one: Outcome) => one.id));
    await append(0n, outcome('sealed', 'a'));
    expect(await waiting).toEqual(['a']);
  });

  it('streams NDJSON where that is asked for', async () => {
    for (let i = 0n; i < 30n; i++) await append(i, ...Array.from({ length: 100 }, (_, n) => outcome('sealed', `${i}-${n}`)));
    const answer = await get('/v1/outcomes').set('accept', 'application/x-ndjson').buffer(true);
    expect([answer.type, lines(answer.text).length]).toEqual(['application/x-ndjson', 3000]);
    const limited = await get('/v1/outcomes?limit=1500').set('accept', 'application/x-ndjson').buffer(true);
    expect(lines(limited.text)).toHaveLength(1500);
  });

  it.each([
    ['?after=nonsense', 400, 'DOOR_CURSOR'],
    ['?limit=0', 400, 'DOOR_PARAMETER'],
    ['?limit=1001', 400, 'DOOR_PARAMETER'],
    ['?kind=lost', 400, 'DOOR_PARAMETER'],
    ['?wait=31', 400, 'DOOR_PARAMETER'],
    ['?affter=x', 400, 'DOOR_PARAMETER'],
  ])('refuses %s', async (query, status, code) => {
    const answer = await get(`/v1/outcomes${query}`);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });

  it('says that a cursor has expired instead of passing over what is gone', async () => {
    await append(0n, outcome('sealed', 'a'));
    const { next } = (await get('/v1/outcomes?limit=1')).body;
    await append(1n, outcome('sealed', 'b'));
    await append(2n, outcome('sealed', 'c'));
    await doors.store.lostUpTo(2n);
    const answer = await get(`/v1/outcomes?after=${next}`);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([410, 'DOOR_CURSOR_EXPIRED']);
  });
});

describe('when the service stops', () => {
  it('answers whoever waits', async () => {
    const stopped = await openDoors();
    const arrived = jest.spyOn(stopped.store, 'next');
    const waiting = fetch(`${stopped.service.url}/v1/outcomes?wait=30`, {
      headers: { authorization: `Basic ${Buffer.from(`other:${stopped.secrets.other}`).toString('base64')}` },
    });
    while (arrived.mock.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await stopped.close();
    expect(await (await waiting).json()).toMatchObject({ outcomes: [], more: false });
  });
});

describe('when the caller is not known', () => {
  const knock = (authorization?: string) => {
    const asked = supertest(doors.service.url).get('/v1/outcomes');
    return authorization === undefined ? asked : asked.set('authorization', authorization);
  };
  const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

  it.each<[string, () => string | undefined]>([
    ['nothing', () => undefined],
    ['a wrong secret', () => basic('base-registry', doors.secrets.other)],
    ['an unknown user', () => basic('nobody', doors.secrets.other)],
    ['another scheme', () => `Bearer ${doors.secrets.other}`],
    ['a prototype member as user', () => basic('__proto__', doors.secrets.other)],
  ])('refuses %s', async (_, authorization) => {
    const answer = await knock(authorization());
    expect([answer.status, JSON.parse(answer.text).code, answer.headers['www-authenticate']]).toEqual([
      401,
      'DOOR_UNAUTHENTICATED',
      'Basic realm="khidi", charset="UTF-8"',
    ]);
  });

  it('closes every documented door but the document', async () => {
    const document = (await supertest(doors.service.url).get('/openapi.json')).body as {
      paths: Record<string, Record<string, { security?: unknown[] }>>;
    };
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { security }] of Object.entries(methods)) {
        const { status } = await fetch(`${doors.service.url}${path}`, { method: method.toUpperCase() });
        expect([path, method, status]).toEqual([path, method, security?.length === 0 ? 200 : 401]);
      }
    }
  });

  it('throttles what goes on guessing, but never who knows the secret', async () => {
    const statuses = new Set<number>();
    for (let i = 0; i < 40; i++) statuses.add((await knock()).status);
    expect([...statuses].sort()).toEqual([401, 429]);
    expect((await get('/v1/outcomes')).status).toBe(200);
  });

  it('says nothing of secrets or callers in logs and metrics', async () => {
    const metrics = (await supertest(doors.service.url).get('/metrics')).text;
    expect(metrics).toMatch(/khidi_callers_refused_total\{[^}]*\} [1-9]/);
    expect(`${metrics}${doors.logs.join('')}`).not.toMatch(/khidi_[A-Za-z0-9_-]{43}|nobody/);
  });
});

describe('when a connection is odd', () => {
  it('answers nothing to half a request that is cut, and logs no error', async () => {
    const { port } = new URL(doors.service.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        const auth = Buffer.from(`base-registry:${doors.secrets['base-registry']}`).toString('base64');
        socket.write(
          `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Basic ${auth}\r\ncontent-type: application/cloudevents+json\r\ncontent-length: 100\r\n\r\n{`,
          () => {
            socket.destroy();
            resolve();
          },
        );
      });
    });
    while (!doors.logs.some((entry) => entry.includes('caller gone'))) await new Promise((resolve) => setImmediate(resolve));
    expect(doors.logs.join('')).not.toContain('"level":"error"');
  });
});

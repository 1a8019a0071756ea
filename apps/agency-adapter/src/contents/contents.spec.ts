import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type ContentPermit, signContentPermit } from '#envelope';
import { type ContentReference, contentUrnOf, type Jti, type MemberId, type RecordType, type SubsystemId } from '#record';
import { type Doors, MOST_BYTES, OPERATOR, openDoors, permitKey } from '../doors.fixture.js';

const PROVIDER = 'GE/GOV/7001' as MemberId;
const basic = (user: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
});

describe('the doors for contents', () => {
  let doors: Doors;
  beforeAll(async () => {
    doors = await openDoors();
  });
  afterAll(() => doors.close());

  const ours = () => basic('base-registry', doors.secrets['base-registry']);
  const put = (bytes: Buffer | ReadableStream, headers: Record<string, string> = ours(), more: object = {}) =>
    fetch(`${doors.service.url}/v1/contents`, {
      method: 'POST',
      headers: { 'content-type': 'application/pdf', ...headers },
      body: bytes as Buffer<ArrayBuffer>,
      ...more,
    });
  const kept = async (bytes = randomBytes(1000)) => (await (await put(bytes)).json()) as ContentReference;
  const coded = async (answer: Promise<Response>) => {
    const got = await answer;
    return [got.status, ((await got.json()) as { code?: string }).code];
  };
  const send = (record: object, headers = ours()) =>
    fetch(`${doors.service.url}/v1/events`, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'e1',
        'ce-type': 'address.locality.created',
      },
      body: JSON.stringify(record),
    });
  const about = ({ dataref }: Pick<ContentReference, 'dataref'>, more: Partial<ContentPermit> = {}) => ({
    iss: OPERATOR,
    consumer: 'GE/GOV/7002/pensions' as SubsystemId,
    provider: PROVIDER,
    type: 'property.parcel' as RecordType,
    agreement: 'a1/1',
    content: dataref,
    envelope: { iss: OPERATOR, jti: Buffer.alloc(32, 3).toString('base64url') as Jti },
    ...more,
  });
  const permitFor = async (reference: Pick<ContentReference, 'dataref'>, more: Partial<ContentPermit> = {}, at = new Date()) =>
    (await signContentPermit(about(reference, more), doors.permits, at)).permit;
  const get = (dataref: string, permit: string, more: Record<string, string> = {}) =>
    fetch(`${doors.service.url}/v1/contents/${dataref}`, { headers: { authorization: `Bearer ${permit}`, ...more } });

  it('answers with the reference that goes into the record', async () => {
    const bytes = randomBytes(1234);
    const sha256 = createHash('sha256').update(bytes).digest();
    const answer = await put(bytes, { ...ours(), 'content-digest': `sha-256=:${sha256.toString('base64')}:` });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ dataref: contentUrnOf(sha256), size: 1234, mediaType: 'application/pdf' });
  });

  it('refuses who is not known, what has no type, another digest and too many bytes', async () => {
    expect(await coded(put(randomBytes(10), basic('base-registry', 'wrong')))).toEqual([401, 'DOOR_UNAUTHENTICATED']);
    expect(await coded(put(randomBytes(10), { ...ours(), 'content-type': 'pdf' }))).toEqual([415, 'DOOR_MEDIA_TYPE']);
    const other = `sha-256=:${Buffer.alloc(32).toString('base64')}:`;
    expect(await coded(put(randomBytes(10), { ...ours(), 'content-digest': other }))).toEqual([400, 'CONTENT_DIGEST']);
    expect(await coded(put(randomBytes(10), { ...ours(), 'content-digest': 'md5=:x:' }))).toEqual([400, 'DOOR_PARAMETER']);
    expect(await coded(put(randomBytes(MOST_BYTES + 1)))).toEqual([413, 'CONTENT_TOO_LARGE']);
  });

  it('keeps nothing of an upload that breaks off', async () => {
    const before = doors.contents.usedBytes;
    const stop = new AbortController();
    const drip = new ReadableStream({
      async pull(controller) {
        controller.enqueue(randomBytes(50_000));
        await pause(20);
        if (stop.signal.aborted) controller.close(); // fetch goes on asking after its end
        stop.abort();
      },
    });
    await expect(put(drip, ours(), { duplex: 'half', signal: stop.signal })).rejects.toThrow();
    for (const end = Date.now() + 5000; doors.contents.usedBytes !== before && Date.now() < end; ) await pause(10);
    expect(doors.contents.usedBytes).toBe(before);
  });

  it('lets nobody hold a place by dripping', async () => {
    const { port, hostname } = new URL(doors.service.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (part) => {
      answer += String(part);
    });
    socket.write(
      `POST /v1/contents HTTP/1.1\r\nhost: x\r\nauthorization: ${ours().authorization}\r\ncontent-type: a/b\r\ncontent-length: 200000\r\n\r\n`,
    );
    const drip = setInterval(() => socket.write('x'), 50);
    for (const end = Date.now() + 5000; !answer.includes('DOOR_SLOW') && Date.now() < end; ) await pause(10);
    clearInterval(drip);
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('takes a record that names a content which its sender put here, and keeps that from then on', async () => {
    const content = await kept();
    expect((await send({ id: '1', plans: [{ content }] })).status).toBe(202);
    expect(await doors.contents.erase(({ id }) => id === 'e1')).toBe(1);
  });

  it('refuses a record whose content is not here, is another subsystem’s, or has another size or form', async () => {
    const content = await kept();
    const absent = { ...content, dataref: contentUrnOf(randomBytes(32)) };
    expect(await coded(send({ id: '1', content: absent }))).toEqual([404, 'CONTENT_UNKNOWN']);
    expect(await coded(send({ id: '1', content }, basic('other', doors.secrets.other)))).toEqual([404, 'CONTENT_UNKNOWN']);
    expect(await coded(send({ id: '1', content: { ...content, size: 999 } }))).toEqual([422, 'CONTENT_REFERENCE']);
    expect(await coded(send({ id: '1', content: { ...content, url: 'http://localhost/' } }))).toEqual([422, 'CONTENT_REFERENCE']);
    const batch = [
      { id: 'a', data: { content } },
      { id: 'b', data: { content: absent } },
    ];
    const answer = await fetch(`${doors.service.url}/v1/events`, {
      method: 'POST',
      headers: { ...ours(), 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(batch.map((one) => ({ specversion: '1.0', type: 'address.locality.created', ...one }))),
    });
    const { statuses } = (await answer.json()) as { statuses: readonly { status: number }[] };
    expect(statuses.map(({ status }) => status)).toEqual([202, 404]);
  });

  it('gives the bytes to who brings a permit for them, once', async () => {
    const bytes = randomBytes(200_000);
    const content = await kept(bytes);
    const permit = await permitFor(content);
    const answer = await get(content.dataref, permit);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(await coded(get(content.dataref, permit))).toEqual([403, 'CONTENT_PERMIT']);
  });

  it('gives what a broken fetch lacks, by a permit of its own', async () => {
    const bytes = randomBytes(200_000);
    const content = await kept(bytes);
    const permit = await permitFor(content);
    const answer = await get(content.dataref, permit, { range: 'bytes=150000-' });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([206, 'bytes 150000-199999/200000']);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes.subarray(150_000));
    expect(await coded(get(content.dataref, permit, { range: 'bytes=150000-' }))).toEqual([403, 'CONTENT_PERMIT']);
  });

  it.each<Record<string, string>>([
    { range: 'bytes=200000-' },
    { range: 'bytes=-5' },
    { range: 'bytes=1-5' },
    { range: 'bytes=1-, 7-' },
    { range: 'bytes=5-', 'if-range': '"other"' },
  ])('gives all of it for %j', async (more) => {
    const bytes = randomBytes(200_000);
    const content = await kept(bytes);
    const answer = await get(content.dataref, await permitFor(content), more);
    expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 200_000]);
  });

  it('gives nothing without one, nor by one that is forged, expired, not begun, or for something else', async () => {
    const content = await kept();
    const other = await kept();
    const stranger = permitKey().signer;
    const { permit: forged } = await signContentPermit(about(content), stranger, new Date());
    const [head = '', body = '', tail = ''] = (await permitFor(content)).split('.');
    const claims = { ...(JSON.parse(String(Buffer.from(body, 'base64url'))) as object), consumer: 'GE/GOV/7003/taxes' };
    const changed = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), tail].join('.');
    const permits = [
      forged,
      changed,
      await permitFor(content, {}, new Date(Date.now() - 121_000)),
      await permitFor(content, {}, new Date(Date.now() + 90_000)),
      await permitFor(other),
      await permitFor(content, { provider: 'GE/GOV/7002' as MemberId }),
      await permitFor(content, { iss: 'GE/GOV/7002' as MemberId }),
    ];
    for (const permit of permits) expect(await coded(get(content.dataref, permit))).toEqual([403, 'CONTENT_PERMIT']);
    const plain = fetch(`${doors.service.url}/v1/contents/${content.dataref}`, { headers: ours() });
    expect(await coded(plain)).toEqual([401, 'DOOR_UNAUTHENTICATED']);
    expect(await coded(get(content.dataref, ''))).toEqual([401, 'DOOR_UNAUTHENTICATED']);
  });

  it.each([
    '..%2f..%2fetc%2fpasswd',
    `urn:khidi:content:sha-256:${'..%2f'.repeat(8)}abc`,
    'urn:khidi:content:sha-256:',
    `urn:khidi:content:sha-512:${'A'.repeat(43)}`,
  ])('knows no content by another name: %s', async (name) => {
    expect(await coded(get(name, 'x'))).toEqual([404, 'CONTENT_UNKNOWN']);
  });

  it('says that a content has gone only to who may have it', async () => {
    const gone = { dataref: contentUrnOf(randomBytes(32)) };
    expect(await coded(get(gone.dataref, await permitFor(gone)))).toEqual([404, 'CONTENT_UNKNOWN']);
  });

  it('cuts off who does not read', async () => {
    const content = await kept(randomBytes(MOST_BYTES));
    const { port, hostname } = new URL(doors.service.url);
    const socket = connect(Number(port), hostname); // nobody listens for its data
    const permit = await permitFor(content);
    socket.write(`GET /v1/contents/${content.dataref} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${permit}\r\n\r\n`);
    const told = () => doors.logs.some((line) => line.includes('content not given to its end'));
    for (const end = Date.now() + 5000; !told() && Date.now() < end; ) await pause(10);
    socket.destroy();
    expect(told()).toBe(true);
  });
});

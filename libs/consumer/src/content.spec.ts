import { createHash, randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContentReference, contentUrnOf } from '#record';
import { fetchContent, openContent } from './index.js';

const BYTES = randomBytes(300_000);
const CONTENT: ContentReference = {
  dataref: contentUrnOf(createHash('sha256').update(BYTES).digest()),
  size: BYTES.length,
  mediaType: 'application/pdf',
};
const DELIVERY = { envelope: Buffer.from('an.envelope.here') };
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

jest.setTimeout(30_000);

describe('when a consumer fetches a content', () => {
  let folder: string;
  let server: Server;
  let url: string;
  /** What delivery answers, and what the agency does. */
  let permits: Answer;
  let gives: Answer;
  const seen: { readonly path: string; readonly authorization: string | undefined }[] = [];
  const bodies: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { url: path = '', headers } = request;
      seen.push({ path, authorization: headers.authorization });
      if (path !== '/v1/content-permits') return gives(request, response);
      let body = '';
      request.on('data', (part) => {
        body += String(part);
      });
      request.on('end', () => {
        bodies.push(body);
        permits(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = mkdtempSync(join(tmpdir(), 'khidi-fetched-'));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    seen.length = 0;
    bodies.length = 0;
    permits = (_, response) =>
      response.end(JSON.stringify({ permit: 'a.permit.x', url: `${url}/v1/contents/${CONTENT.dataref}` }));
    gives = (_, response) => response.end(BYTES);
  });
  const file = () => join(folder, 'plan.pdf');
  const fetched = (reference = CONTENT, more: object = {}) =>
    fetchContent(DELIVERY, reference, file(), { url, authorization: 'Basic x', pauseMs: 1, ...more }).then(
      () => 'fetched',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );

  it('has the bytes that were sealed, in a file', async () => {
    expect(await fetched()).toBe('fetched');
    expect(readFileSync(file())).toEqual(BYTES);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ envelope: 'an.envelope.here', dataref: CONTENT.dataref });
    rmSync(file());
  });

  it('shows its secret to delivery and the permit to the agency, and not the other way round', async () => {
    await fetched();
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Basic x', 'Bearer a.permit.x']);
    rmSync(file());
  });

  /** Gives so many bytes of what is asked for and breaks off; all of what is left where it is asked often enough. */
  const inParts =
    (part: number, knowsRanges: boolean): Answer =>
    ({ headers }, response) => {
      const from = knowsRanges ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0) : 0;
      ranges.push(headers.range);
      const until = knowsRanges ? from + part : part * ranges.length;
      response.writeHead(from === 0 ? 200 : 206, { 'content-length': BYTES.length - from });
      if (until >= BYTES.length) return void response.end(BYTES.subarray(from));
      response.write(BYTES.subarray(from, until), () => setTimeout(() => response.destroy(), 20));
    };
  const ranges: (string | undefined)[] = [];

  it.each([
    [true, 'asking for what has not come'],
    [false, 'passing over what it has, where the agency knows no ranges'],
  ])('goes on where a connection broke (%s), %s, by a permit for each', async (knowsRanges) => {
    ranges.length = 0;
    gives = inParts(100_000, knowsRanges);
    expect(await fetched()).toBe('fetched');
    expect(readFileSync(file())).toEqual(BYTES);
    // How much of a part arrives before the connection is seen to break is for the kernel to say.
    expect([ranges[0], ranges.length >= 3]).toEqual([undefined, true]);
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
    expect(seen.filter(({ path }) => path === '/v1/content-permits')).toHaveLength(ranges.length);
    rmSync(file());
  });

  it('leaves nothing at the signal of whoever asks, however it ends', async () => {
    const { signal } = new AbortController();
    ranges.length = 0;
    gives = inParts(100_000, true);
    expect(await fetched(CONTENT, { signal })).toBe('fetched');
    gives = (_, response) => void response.end(BYTES.subarray(1));
    expect(await fetched(CONTENT, { signal })).toBe('CONTENT_DIFFERS');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    rmSync(file());
  });

  it('goes on some times only, and not at all where delivery says no', async () => {
    ranges.length = 0;
    gives = inParts(1000, true);
    expect([await fetched(), ranges.length]).toEqual(['CONTENT_UNREACHABLE', 21]);
    ranges.length = 0;
    const permitted = permits;
    permits = (request, response) =>
      ranges.length === 0 ? permitted(request, response) : void response.writeHead(403).end('{"code":"POLICY_REVOKED"}');
    expect([await fetched(), ranges.length, readdirSync(folder)]).toEqual(['POLICY_REVOKED', 1, []]);
  });

  it.each<[string, Answer, string]>([
    ['are others', (_, response) => response.end(Buffer.from(BYTES).fill(0, 5, 9)), 'CONTENT_DIFFERS'],
    ['are more', (_, response) => response.end(Buffer.concat([BYTES, Buffer.alloc(1)])), 'CONTENT_DIFFERS'],
    ['are fewer', (_, response) => response.end(BYTES.subarray(1)), 'CONTENT_DIFFERS'],
    [
      'break off',
      (_, response) => {
        response.writeHead(200, { 'content-length': BYTES.length });
        response.write(BYTES.subarray(0, 1000), () => response.destroy());
      },
      'CONTENT_UNREACHABLE',
    ],
    ['never come', () => undefined, 'CONTENT_UNREACHABLE'],
    ['stop coming', (_, response) => void response.write(BYTES.subarray(0, 1000)), 'CONTENT_UNREACHABLE'],
    ['are elsewhere', (_, response) => response.writeHead(302, { location: `${url}/other` }).end(), 'CONTENT_UNREACHABLE'],
    ['are refused', (_, response) => response.writeHead(403).end('{"code":"CONTENT_PERMIT"}'), 'CONTENT_PERMIT'],
    ['are a page', (_, response) => response.writeHead(500).end('<html>'), 'CONTENT_UNREACHABLE'],
  ])('has no file where the bytes %s', async (_, answer, code) => {
    gives = answer;
    expect(await fetched(CONTENT, { silenceMs: 300 })).toBe(code);
    expect([existsSync(file()), readdirSync(folder)]).toEqual([false, []]);
  });

  it.each<[string, Answer, string]>([
    ['refuses', (_, response) => response.writeHead(403).end('{"code":"POLICY_REVOKED"}'), 'POLICY_REVOKED'],
    ['is away', (_, response) => response.destroy(), 'CONTENT_UNREACHABLE'],
    ['answers a page', (_, response) => response.end('<html>'), 'CONTENT_UNREACHABLE'],
    ['names no address', (_, response) => response.end('{"permit":"x","url":"file:///etc/passwd"}'), 'CONTENT_UNREACHABLE'],
  ])('asks nobody else where delivery %s', async (_, answer, code) => {
    permits = answer;
    expect(await fetched()).toBe(code);
    expect(seen.map(({ path }) => path)).toEqual(['/v1/content-permits']);
  });

  it('asks nobody for what is no reference of ours', async () => {
    expect(await fetched({ ...CONTENT, dataref: 'http://169.254.169.254/' as ContentReference['dataref'] })).toBe(
      'CONTENT_REFERENCE',
    );
    expect(seen).toEqual([]);
  });

  it('gives a stream that ends with the fault', async () => {
    gives = (_, response) => response.end(Buffer.alloc(BYTES.length));
    const bytes = await openContent(DELIVERY, CONTENT, { url, authorization: 'Basic x' });
    await expect(async () => {
      for await (const _ of bytes);
    }).rejects.toMatchObject({ code: 'CONTENT_DIFFERS' });
  });
});

import { createHash, randomBytes } from 'node:crypto';
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
    fetchContent(DELIVERY, reference, file(), { url, authorization: 'Basic x', ...more }).then(
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

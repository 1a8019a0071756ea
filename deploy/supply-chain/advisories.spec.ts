import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

jest.setTimeout(60_000);

let server: Server;
let severity: string | undefined;
const folder = mkdtempSync(join(tmpdir(), 'khidi-advisories-'));
beforeAll(async () => {
  // What npm asks a registry: which advisories there are, and which versions a package has.
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (severity === undefined) return void response.writeHead(405).end();
      const terms = { severity, vulnerable_versions: '*', cwe: [], cvss: {} };
      const advisory = { id: 1, url: 'https://example.org/1', title: 'It is weak', ...terms };
      const asked = request.url?.endsWith('/advisories/bulk') === true;
      const name = decodeURIComponent(request.url?.slice(1) ?? '');
      const version = { name, version: '8.20.0', dist: { tarball: 'https://example.org/package.tgz' } };
      const known = { name, 'dist-tags': { latest: '8.20.0' }, versions: { '8.20.0': version } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(asked ? { ajv: [advisory] } : known));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const ask = (...args: string[]) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    // npm remembers what it made of an advisory: each asks with a memory of its own.
    const env = { ...process.env, npm_config_registry: registry, npm_config_cache: mkdtempSync(join(folder, 'npm-')) };
    execFile(process.execPath, ['deploy/supply-chain/advisories.mjs', ...args], { env }, (error, said) =>
      resolve({ code: Number(error?.code ?? 0), said }),
    );
  });

describe('when known weaknesses are asked for', () => {
  it('fails for one that is critical, and names it', async () => {
    severity = 'critical';
    const { code, said } = await ask();
    expect([code, said]).toEqual([1, expect.stringContaining('critical: ajv')]);
    expect(said).toContain('It is weak https://example.org/1');
  });

  it('tells of others without failing', async () => {
    severity = 'low';
    const { code, said } = await ask();
    expect([code, said]).toEqual([0, expect.stringMatching(/^advisories: 0 critical, [1-9]/)]);
  });

  it('goes on where the registry does not answer, unless an answer is required', async () => {
    severity = undefined;
    expect(await ask()).toEqual({ code: 0, said: expect.stringContaining('not asked') });
    expect((await ask('--required')).code).toBe(2);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ed25519Signer, inclusionProof, newEd25519Key, readTlogProof, TreeEdge, writeTlogProof } from '#evidence';
import { createLogger } from '#telemetry';
import { grow, type LogEnd } from '../../apps/ledger/src/log/grow.js';
import { LogFiles } from '../../apps/ledger/src/log/log-files.js';
import { Publication } from '../../apps/ledger/src/publication.js';
import { Stamping } from '../../apps/ledger/src/timestamps/stamping.js';

const ENTRIES = 1500;
const log = ed25519Signer('log.test/a', 'note', newEd25519Key());
const entry = (i: number): string => `{"id":"GE/GOV/0001|${i}","k":"record"}`;

let folder: string;
let files: LogFiles;
let publication: Publication;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-log-'));
  files = new LogFiles(join(folder, 'log'));
  publication = new Publication(files, log);
  let end: LogEnd = { edge: TreeEdge.empty(), bundle: [] };
  for (let at = 0; at < ENTRIES; at += 217) {
    const some = Array.from({ length: Math.min(217, ENTRIES - at) }, (_, i) => Buffer.from(entry(at + i)));
    const growth = grow(end, some);
    await files.write(growth.files);
    await publication.publish({ origin: log.key.name, size: growth.size, root: growth.root });
    end = growth.end;
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A proof of one entry, as files. */
async function proofFiles(index: number): Promise<{ readonly leaf: string; readonly proof: string }> {
  const path = await inclusionProof((tile) => files.tile(tile), index, ENTRIES);
  const checkpoint = (await files.readCheckpoint()) ?? '';
  const [leaf, proof] = [join(folder, 'leaf'), join(folder, 'proof')];
  writeFileSync(leaf, entry(index));
  writeFileSync(proof, writeTlogProof({ index, path, checkpoint }));
  return { leaf, proof };
}

/** Builds the example; undefined, with a line that says why, where Go or its packages cannot be had. */
function goVerifier(): string | undefined {
  const program = join(tmpdir(), `khidi-verify-with-go-${process.pid}`);
  try {
    execFileSync('go', ['build', '-o', program, '.'], {
      cwd: resolve('examples/verify-with-go'),
      stdio: 'pipe',
      timeout: 120_000,
    });
    return program;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    process.stdout.write(`skipped: ${missing ? 'there is no Go on this machine' : 'golang.org/x/mod cannot be had'}\n`);
    return undefined;
  }
}

describe("when Go's checksum-database packages read the log", () => {
  const program = goVerifier();
  const run = (...args: string[]): string => execFileSync(program ?? '', args, { encoding: 'utf8', stdio: 'pipe' });
  afterAll(() => program !== undefined && rmSync(program));
  const test = program === undefined ? it.skip : it;

  test('every entry is proven', () => {
    const said = run('log', log.key.vkey, join(folder, 'log'));
    process.stdout.write(`golang.org/x/mod/sumdb: ${said}`);
    expect(said).toBe(`${ENTRIES} entries read back and proven\n`);
  });

  test('a proof holds, and not for another entry', async () => {
    const { leaf, proof } = await proofFiles(1234);
    expect(run('proof', log.key.vkey, leaf, proof)).toBe(`entry 1234 of ${ENTRIES} holds\n`);
    writeFileSync(leaf, entry(1235));
    expect(() => run('proof', log.key.vkey, leaf, proof)).toThrow();
  });
});

/** A time-stamping authority made with openssl, or undefined where there is none. */
async function localAuthority(place: string): Promise<{ readonly url: string; readonly ca: string; close(): void } | undefined> {
  mkdirSync(place);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: place, stdio: 'pipe' });
  writeFileSync(join(place, 'serial'), '01\n');
  writeFileSync(
    join(place, 'tsa.cnf'),
    [
      '[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:true\n[tsa]\nextendedKeyUsage=critical,timeStamping',
      '[ts]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\ndefault_policy=1.2.3.4.1\ndigests=sha256\nsigner_digest=sha256',
      'accuracy=secs:1\nordering=yes\ntsa_name=yes\ness_cert_id_alg=sha256',
    ].join('\n'),
  );
  try {
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', 'tsa.cnf'];
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test Root', '-extensions', 'ca');
    openssl('req', '-new', ...ec, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test TSA');
    openssl(
      'x509',
      '-req',
      '-in',
      'tsa.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'tsa.pem',
      '-extfile',
      'tsa.cnf',
      '-extensions',
      'tsa',
    );
  } catch {
    process.stdout.write('skipped: there is no openssl on this machine\n');
    return undefined;
  }
  const server = createServer((request, response) => {
    void request.toArray().then((parts: Buffer[]) => {
      writeFileSync(join(place, 'query.tsq'), Buffer.concat(parts));
      openssl('ts', '-reply', '-queryfile', 'query.tsq', '-config', 'tsa.cnf', '-section', 'ts', '-out', 'answer.tsr');
      response.setHeader('content-type', 'application/timestamp-reply');
      response.end(execFileSync('cat', [join(place, 'answer.tsr')]));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: join(place, 'ca.pem'), close };
}

describe('when a checkpoint is time-stamped', () => {
  it('openssl ts -verify holds it, and refuses it for other bytes', async () => {
    const authority = await localAuthority(join(folder, 'tsa'));
    if (authority === undefined) return;
    const { checkpoint } = publication;
    if (checkpoint === undefined) throw new Error('nothing is published');
    await publication.cosigned(checkpoint); // no witnesses are asked here
    const logger = createLogger('ledger', 'debug', { write: (line) => void line });
    const stamping = new Stamping({ files, publication, url: authority.url, everySeconds: 3600, log: logger });
    stamping.start();
    while ((await files.stampedSizes()).length === 0) await pause(50);
    await stamping.stop();
    authority.close();
    const data = join(folder, 'log', 'timestamps', `${ENTRIES}.checkpoint`);
    const verify = () =>
      execFileSync(
        'openssl',
        ['ts', '-verify', '-data', data, '-in', data.replace('.checkpoint', '.tsr'), '-CAfile', authority.ca],
        {
          encoding: 'utf8',
          stdio: 'pipe',
        },
      );
    expect(verify()).toContain('Verification: OK');
    writeFileSync(data, `${(await files.readStamp(ENTRIES))?.note}x`);
    expect(verify).toThrow();
  });
});

describe('when a proof file is read back', () => {
  it('says what was written', async () => {
    await proofFiles(3);
    const path = await inclusionProof((tile) => files.tile(tile), 3, ENTRIES);
    const text = writeTlogProof({ index: 3, path, checkpoint: (await files.readCheckpoint()) ?? '' });
    expect(readTlogProof(text)).toMatchObject({ index: 3, path });
  });
});

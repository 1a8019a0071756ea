import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  cosign,
  cosigners,
  ed25519Signer,
  judgeAddCheckpoint,
  leafHash,
  type NoteSigner,
  newEd25519Key,
  openCheckpoint,
  readPolicy,
  type SignedCheckpoint,
  TreeEdge,
  writeSignatureLine,
} from '#evidence';
import { createLogger } from '#telemetry';
import { grow } from '../log/grow.js';
import { LogFiles } from '../log/log-files.js';
import { Publication } from '../publication.js';
import { Cosigning } from './cosigning.js';

const ORIGIN = 'log.test/a';
const log = ed25519Signer(ORIGIN, 'note', newEd25519Key());

/** A witness as another member would run it; `away` makes it answer 503. */
class TestWitness {
  readonly signer: NoteSigner;
  known: SignedCheckpoint | undefined;
  away = false;
  asked = 0;
  private constructor(
    readonly name: string,
    private readonly server: Server,
  ) {
    this.signer = ed25519Signer(`witness.test/${name}`, 'cosignature', newEd25519Key());
  }

  static async start(name: string): Promise<TestWitness> {
    const server = createServer();
    const witness = new TestWitness(name, server);
    const answerTo = async (request: IncomingMessage, response: ServerResponse) => {
      const body = Buffer.concat(await request.toArray()).toString('utf8');
      witness.asked += 1;
      const answer = witness.away ? { status: 503 as const } : judgeAddCheckpoint(body, [log.key], () => witness.known);
      response.statusCode = answer.status;
      if (answer.status === 409) return response.end(`${answer.size}\n`);
      if (answer.status !== 200) return response.end();
      witness.known = answer.checkpoint;
      return response.end(writeSignatureLine(await cosign(answer.checkpoint.note.text, 4_000_000_000, witness.signer)));
    };
    server.on('request', (request, response) => void answerTo(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return witness;
  }

  get line(): string {
    return `witness ${this.name} ${this.signer.key.vkey} http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

let folder: string;
let witnesses: TestWitness[];
let end: { edge: TreeEdge; bundle: readonly Buffer[] };
let publication: Publication;
let files: LogFiles;
let cosigning: Cosigning;
let lefts: number[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-cosigning-'));
  files = new LogFiles(folder);
  publication = new Publication(files, log);
  end = { edge: TreeEdge.empty(), bundle: [] };
  lefts = [];
  witnesses = await Promise.all(['w1', 'w2', 'w3'].map((name) => TestWitness.start(name)));
  writePolicy();
  await add('a', 'b');
});
afterEach(async () => {
  await cosigning.stop();
  for (const witness of witnesses) witness.close();
  rmSync(folder, { recursive: true });
});

function writePolicy(): void {
  writeFileSync(join(folder, 'policy'), [...witnesses.map(({ line }) => line), 'group all 2 w1 w2 w3', 'quorum all'].join('\n'));
}

async function add(...entries: string[]): Promise<void> {
  const growth = grow(
    end,
    entries.map((entry) => Buffer.from(entry)),
  );
  await files.write(growth.files);
  await publication.publish({ origin: ORIGIN, size: growth.size, root: growth.root });
  end = growth.end;
}

async function start(windowSeconds = 900, now = new Date(4_000_000_000_000)): Promise<void> {
  cosigning = new Cosigning({
    files,
    publication,
    policyFile: join(folder, 'policy'),
    windowSeconds,
    log: createLogger('ledger', 'debug', { write: (line) => void line }),
    observe: (left) => lefts.push(left),
    now: () => now,
  });
  await cosigning.start();
}

describe('when two of three witnesses must cosign', () => {
  it('a checkpoint that all three cosign carries their signatures', async () => {
    await start();
    const read = readPolicy([...witnesses.map(({ line }) => line), 'quorum none'].join('\n'));
    const { note } = publication.cosignedCheckpoint ?? { note: { text: '', lines: [] } };
    expect('policy' in read && cosigners(read.policy, note.text, note.lines).size).toBe(3);
    expect(openCheckpoint((await files.readCosigned()) ?? '', log.key)?.size).toBe(2);
  });

  it('one of them may be away', async () => {
    witnesses[0]!.away = true;
    await start();
    expect(publication.cosignedCheckpoint?.size).toBe(2);
  });

  it('with two away there is no cosigned checkpoint, and the window closes', async () => {
    witnesses[0]!.away = true;
    witnesses[1]!.away = true;
    await start(1);
    expect(publication.cosignedCheckpoint).toBeUndefined();
    while (cosigning.left() !== 0) await pause(20);
    let opened = false;
    const open = cosigning.open().then(() => {
      opened = true;
    });
    await pause(20);
    expect(opened).toBe(false);
    witnesses[0]!.away = false;
    await open;
    expect(cosigning.left()).toBeGreaterThan(0.5);
  });

  it('a witness that was asked by somebody else names its size and is proven to from there', async () => {
    await start();
    await cosigning.stop();
    await add('c', 'd', 'e');
    await start(); // with no memory of their sizes
    expect(publication.cosignedCheckpoint?.size).toBe(5);
    expect(witnesses.map(({ known }) => known?.size)).toEqual([5, 5, 5]);
  });

  it('witnesses do not follow a log that was rolled back', async () => {
    await start();
    await cosigning.stop();
    end = { edge: TreeEdge.empty(), bundle: [] };
    await add('x', 'y');
    const before = publication.cosignedCheckpoint?.root;
    await start();
    expect(publication.cosignedCheckpoint?.root).toEqual(before);
    expect(publication.checkpoint?.root).not.toEqual(before);
    expect(witnesses.every(({ known }) => known?.root.equals(before ?? leafHash(Buffer.alloc(0))))).toBe(true);
  });
});

describe('when the ledger starts after a rest', () => {
  it('what was left of the window is not given anew', async () => {
    await start();
    await cosigning.stop();
    for (const witness of witnesses) witness.away = true;
    await start(900, new Date(4_000_000_000_000 + 600_000));
    expect(cosigning.left()).toBeLessThan(301);
  });

  it('a policy with mistakes is SETTINGS_INVALID', async () => {
    writeFileSync(join(folder, 'policy'), 'quorum nobody');
    await expect(start()).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  });
});

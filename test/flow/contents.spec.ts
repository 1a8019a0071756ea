import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Delivery, fetchContent } from '#consumer';
import { type ContentReference, contentsNamedIn } from '#record';
import { CONSUMER, Contents, STRANGER, TYPE } from './contents.js';
import { describeInstance } from './state-file.js';

const MIB = 1024 * 1024;
const SIZE = 20 * MIB;
/** So much more passes through the adapter than it may grow by: what it has not collected yet, and never a content. */
const THROUGH = [60 * MIB, 60 * MIB, 60 * MIB];
const MOST_GROWTH = 72 * MIB;

async function until(what: string, fact: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await fact()); await pause(50))
    if (Date.now() > end) throw new Error(`waited 30 s until ${what}`);
}

describe('when a record names 20 MiB', () => {
  let exchange: Contents;
  let folder: string;
  let content: ContentReference;
  let parcel: Delivery;
  let digest: string;
  const told: string[] = [];
  const fetched = (consumer = CONSUMER, of = content) =>
    fetchContent(parcel, of, join(folder, 'plan.pdf'), exchange.source(consumer)).then(
      () => 'fetched',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'khidi-plans-'));
    exchange = await Contents.start();
    await exchange.put(streamOf(MIB, createHash('sha256'))); // so that what is loaded on first use is loaded
    const before = exchange.memory();
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, exchange.memory());
    }, 20);
    const began = performance.now();
    const hash = createHash('sha256');
    content = await exchange.put(streamOf(SIZE, hash));
    digest = hash.digest('base64url');
    const status = await exchange.send('parcel-1', content);
    await until('it was delivered', () => exchange.delivered.length === 1);
    parcel = exchange.delivered[0] as Delivery;
    const result = await fetched();
    const seconds = (performance.now() - began) / 1000;
    for (const size of THROUGH) await exchange.put(streamOf(size, createHash('sha256')));
    clearInterval(watch);
    told.push(`${status}`, result);
    process.stdout.write(
      `contents: bytes=${content.size} sent=${status} ${result} seconds=${seconds.toFixed(1)} ` +
        `adapter-memory=+${Math.ceil((most - before) / MIB)} MiB troubles=${exchange.troubles.length}\n`,
    );
    expect(seconds).toBeLessThan(60);
    expect(most - before).toBeLessThan(MOST_GROWTH);
  }, 200_000);
  afterAll(async () => {
    await exchange?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('brings the consumer the bytes that were sealed', async () => {
    expect([told, exchange.troubles]).toEqual([['202', 'fetched'], []]);
    expect(contentsNamedIn(parcel.record).map(({ reference }) => reference)).toEqual([content]);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(join(folder, 'plan.pdf'))) hash.update(chunk as Buffer);
    expect([content.dataref, hash.digest('base64url')]).toEqual([`urn:khidi:content:sha-256:${digest}`, digest]);
  });

  it('does not bring them to who has no agreement, though it holds the envelope', async () => {
    expect(await fetched(STRANGER)).toBe('POLICY_NO_AGREEMENT');
  });

  it('has a leaf for each permit', async () => {
    const list = khidi(['audit', 'list']);
    expect(list).toContain(`content.permit ${TYPE}`);
    khidi(['audit', 'verify']);
  });

  it('brings them no more once the agreement is gone', async () => {
    await exchange.revoke();
    await until('the agreement is gone', async () => (await fetched()) !== 'fetched');
    expect(await fetched()).toBe('POLICY_NO_AGREEMENT');
  });

  it('forgets them with the subject', async () => {
    const before = readdirSync(exchange.folder).length;
    khidi(['erase', '--type', TYPE, '--subject', parcel.sub, '--why', 'a test']);
    await until('the file is gone', () => readdirSync(exchange.folder).length === before - 1);
    expect(readdirSync(exchange.folder)).not.toContain(Buffer.from(digest, 'base64url').toString('hex'));
  });

  function khidi(args: readonly string[]): string {
    const run = spawnSync(process.execPath, [resolve('apps/cli/bin/khidi.js'), ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', KHIDI_STATE: describeInstance(exchange.instance) },
    });
    if (run.status !== 0) throw new Error(`khidi ${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
    return run.stdout;
  }
});

/** Random bytes in pieces that nobody keeps. */
function streamOf(size: number, hash: ReturnType<typeof createHash>): ReadableStream<Uint8Array> {
  let left = size;
  return new ReadableStream({
    pull(controller) {
      const chunk = randomBytes(Math.min(left, 64 * 1024));
      left -= chunk.length;
      hash.update(chunk);
      controller.enqueue(chunk);
      if (left === 0) controller.close();
    },
  });
}

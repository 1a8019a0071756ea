import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openCheckpoint, readVkey } from '#evidence';
import { fillDisk, putBack } from '../instance/disk.js';
import { clockAt, FAKETIME } from '../instance/faketime.js';
import { copyLog, type LedgerInstance, startLedgerInstance, WINDOW_SECONDS } from './ledger-instance.js';
import { readLog, recount } from './recount.js';
import { nothingWritten, registerKey, writeBatch } from './statements.js';

const POINTS = ['after-read', 'after-tiles', 'after-decision', 'after-checkpoint'] as const;
const BATCH = 60;

const tell = (what: string): void => void process.stdout.write(`  ${what}\n`);

async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 90): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await holds()); await pause(50)) {
    if (Date.now() > end) throw new Error(`${what} did not come about in ${seconds} s`);
  }
}

describe('when the ledger, its witnesses, its disk, its clock and its broker are disturbed', () => {
  let instance: LedgerInstance;
  const written = nothingWritten();
  /** Every checkpoint that anybody could see, by size. */
  const published = new Map<number, string>();
  let contradictions = 0;
  let writing = true;
  let batches = 0;

  beforeAll(async () => {
    instance = await startLedgerInstance();
    await registerKey(instance.client);
  }, 120_000);
  afterAll(() => instance.stop(), 60_000);

  const size = async (): Promise<number> => {
    const note = await (await fetch(`${instance.ledger.url}/checkpoint`)).text();
    const key = readVkey(instance.vkey);
    const seen = key === undefined ? undefined : openCheckpoint(note, key);
    if (seen === undefined) throw new Error('the checkpoint does not hold');
    const root = seen.root.toString('base64');
    if ((published.get(seen.size) ?? root) !== root) contradictions += 1;
    published.set(seen.size, root);
    return seen.size;
  };
  const sizeOr = (otherwise: number): Promise<number> => size().catch(() => otherwise);
  const grows = async (): Promise<void> => {
    const before = await sizeOr(0);
    await until('the log grows', async () => (await sizeOr(0)) > before);
  };

  async function write(): Promise<void> {
    for (; writing; batches += 1) {
      await writeBatch(instance.client, batches, BATCH, written);
      await pause(200);
    }
  }

  async function disturb(): Promise<void> {
    const { ledger, witnesses, broker, logFolder } = instance;
    await grows();
    for (const point of POINTS) {
      const before = ledger.killed;
      tell(`SIGKILL of the ledger, and again by itself ${point}`);
      ledger.kill({ KHIDI_CRASH_AT: point, KHIDI_CRASH_NTH: '3' });
      await until(`the ledger kills itself ${point}`, () => ledger.killed >= before + 2);
      await grows();
    }
    for (const shift of FAKETIME === undefined ? [] : ['-10m', '+10m']) {
      tell(`the ledger's clock at ${shift}`);
      ledger.kill(clockAt(shift));
      await grows();
    }
    if (FAKETIME === undefined) tell('skipped: there is no faketime on this machine');
    ledger.kill();
    await grows();
    tell('SIGKILL of two of three witnesses for longer than the window');
    const [w1, w2] = witnesses;
    await Promise.all([w1?.stop(), w2?.stop()]);
    const notReady = async () => (await fetch(`${ledger.url}/health/ready`)).status === 503;
    await until('the log rests', notReady, WINDOW_SECONDS + 20);
    await pause(500); // what was under way
    const rested = await size();
    await pause(1500);
    expect(await size()).toBe(rested);
    w1?.start();
    w2?.start();
    await grows();
    if (instance.small) {
      tell('the disk under the tiles is full');
      fillDisk(join(logFolder, 'filler'));
      await until('the ledger says so', notReady);
      rmSync(join(logFolder, 'filler'));
      await grows();
    }
    tell('SIGKILL of Kafka, started again');
    await broker.kill();
    await pause(1000);
    await broker.restart();
    await grows();
  }

  it('each statement has one leaf, nothing is deliverable without it, and no checkpoint was ever contradicted', async () => {
    const writer = write();
    await disturb();
    writing = false;
    await writer;
    const expected = written.exchanges.size + written.refusals.size + written.conflicts;
    await until('everything is logged', async () => (await sizeOr(0)) >= expected, 60).catch(() => undefined); // the count says more
    await pause(500);
    const { entries } = await readLog(instance.ledger.url, instance.vkey);
    const count = await recount(instance.client, entries, written, published);
    const numbers = Object.entries(count).map(([name, value]) => `${name}=${value}`);
    tell(
      `written ${written.exchanges.size} exchanges, ${written.refusals.size} refusals, ${written.repeats} repeats, ${written.conflicts} conflicts`,
    );
    tell(`killed=${instance.ledger.killed} checkpoints=${published.size} contradictions=${contradictions} ${numbers.join(' ')}`);
    const { leaves, deliverable, ...breaches } = count;
    expect(breaches).toEqual({ unlogged: 0, twice: 0, misplaced: 0, uncovered: 0, wrongly: 0, invented: 0, forks: 0 });
    expect(contradictions).toBe(0);
    expect(leaves).toBe(expected);
    expect(deliverable).toBe(written.exchanges.size);
  }, 900_000);

  it("yesterday's files are refused, and today's are taken again", async () => {
    const { ledger, logFolder, folder } = instance;
    const yesterday = copyLog(instance);
    await writeBatch(instance.client, batches, BATCH, written);
    await grows();
    await ledger.stop();
    const today = join(folder, 'today');
    cpSync(logFolder, today, { recursive: true });
    putBack(yesterday, logFolder);
    const { failed } = ledger;
    ledger.start();
    await until('the ledger refuses', () => ledger.failed > failed, 60);
    await ledger.stop();
    expect(readFileSync(ledger.command.log, 'utf8')).toContain('LOG_DIFFERS');
    putBack(today, logFolder);
    ledger.start();
    await ledger.ready();
    await readLog(ledger.url, instance.vkey);
  }, 300_000);
});

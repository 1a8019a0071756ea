import fc from 'fast-check';
import { type AbortedTransaction, committedRecords } from './committed-records.js';
import { type BatchContext, kafkajsModule } from './kafkajs-modules.js';

interface LogRecord {
  readonly key: Buffer | null;
  readonly offset: string;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

const stock = kafkajsModule<typeof committedRecords>('consumer/filterAbortedMessages');

const ABORT = Buffer.from([0, 0, 0, 0]);
const COMMIT = Buffer.from([0, 0, 0, 1]);

/** A partition's log, written batch by batch. */
class Log {
  readonly records: LogRecord[] = [];
  readonly aborted: AbortedTransaction[] = [];
  readonly committed: string[] = [];
  private readonly open = new Map<string, string[]>();

  append(producerId: string, count: number, key: Buffer | null = null): void {
    const offsets = this.add(producerId, count, key, { inTransaction: true, isControlBatch: false });
    this.open.set(producerId, [...(this.open.get(producerId) ?? []), ...offsets]);
  }

  appendPlain(count: number): void {
    this.committed.push(...this.add('-1', count, null, { inTransaction: false, isControlBatch: false }));
  }

  end(producerId: string, commit: boolean): void {
    const offsets = this.open.get(producerId);
    if (offsets === undefined) return;
    this.add(producerId, 1, commit ? COMMIT : ABORT, { inTransaction: true, isControlBatch: true });
    if (commit) this.committed.push(...offsets);
    else this.aborted.push({ producerId, firstOffset: offsets[0] as string });
    this.open.delete(producerId);
  }

  endAll(): void {
    for (const producerId of this.open.keys()) this.end(producerId, false);
  }

  private add(producerId: string, count: number, key: Buffer | null, flags: Partial<BatchContext>): string[] {
    const firstOffset = String(this.records.length);
    const batchContext = { producerId, firstOffset, lastOffsetDelta: count - 1, ...flags } as BatchContext;
    const offsets = Array.from({ length: count }, (_, i) => String(this.records.length + i));
    for (const offset of offsets) {
      this.records.push({ key, offset, isControlRecord: flags.isControlBatch === true, batchContext });
    }
    return offsets;
  }
}

const readable = (records: readonly LogRecord[]) =>
  records.filter((record) => !record.isControlRecord).map((record) => record.offset);
const bytewise = (a: string, b: string) => Number(a) - Number(b);

describe('when transactions of several producers were aborted', () => {
  it('gives exactly what was committed, wherever the reading begins', () => {
    const step = fc.record({
      producer: fc.constantFrom('1', '2', '3'),
      count: fc.integer({ min: 1, max: 3 }),
      what: fc.constantFrom('append', 'append', 'commit', 'abort', 'plain'),
      key: fc.option(fc.constant(ABORT)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, where) => {
        const log = new Log();
        for (const { producer, count, what, key } of steps) {
          if (what === 'append') log.append(producer, count, key);
          else if (what === 'plain') log.appendPlain(count);
          else log.end(producer, what === 'commit');
        }
        log.endAll();
        const start = log.records[Math.floor(where * (log.records.length - 1))]?.batchContext.firstOffset ?? '0';
        const from = Number(start);
        const messages = log.records.slice(from);
        // The broker names every aborted transaction that ended behind the start, in the order of the markers.
        const endOf = ({ producerId, firstOffset }: AbortedTransaction) =>
          log.records.find(
            (r) => r.isControlRecord && r.batchContext.producerId === producerId && Number(r.offset) > Number(firstOffset),
          );
        const abortedTransactions = log.aborted.filter((each) => Number(endOf(each)?.offset) >= from);
        const found = readable(committedRecords({ messages, abortedTransactions }));
        expect(found).toEqual(log.committed.filter((offset) => Number(offset) >= from).sort(bytewise));
      }),
      { numRuns: 2000 },
    );
  });

  it('hides overlapping ones, of which stock lets a part through', () => {
    const log = new Log();
    log.append('1', 2);
    log.append('2', 2);
    log.end('2', false); // the second to begin is the first to end, so the broker names it first
    log.end('1', false);
    const given = { messages: log.records, abortedTransactions: log.aborted };
    expect(readable(committedRecords(given))).toEqual([]);
    expect(readable(stock(given))).not.toEqual([]);
  });

  it('takes no record for an abort marker because of its key', () => {
    const log = new Log();
    log.append('1', 1, ABORT);
    log.append('1', 1);
    log.end('1', false);
    const given = { messages: log.records, abortedTransactions: log.aborted };
    expect(readable(committedRecords(given))).toEqual([]);
    expect(readable(stock(given))).not.toEqual([]);
  });

  it('lets the same producer go on behind the marker', () => {
    const log = new Log();
    log.append('1', 1);
    log.end('1', false);
    log.append('1', 2);
    log.end('1', true);
    expect(readable(committedRecords({ messages: log.records, abortedTransactions: log.aborted }))).toEqual(['2', '3']);
  });
});

describe('when none was aborted', () => {
  it('gives all, also from a message set that knows no transactions', () => {
    const old = [{ key: null, offset: '4' }];
    expect(committedRecords({ messages: old })).toEqual(old);
    expect(committedRecords({ messages: old, abortedTransactions: [] })).toEqual(old);
    expect(committedRecords({ messages: old, abortedTransactions: [{ producerId: '1', firstOffset: '0' }] })).toEqual(old);
  });
});

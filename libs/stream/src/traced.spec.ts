import type { MemberId, OutgoingRecord, ReceivedRecord, Verdict } from '#record';
import { NO_TRACER, type Span, tracerTo } from '#telemetry';
import type { CaughtHandler } from './judge.js';
import { sentWith, traced } from './traced.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SENT = `00-${TRACE}-b7ad6b7169203331-01`;

const record = (offset: string, traceparent?: string): ReceivedRecord => ({
  topic: 'ingress.GE-GOV-7001.a.b',
  partition: 0,
  offset,
  timestamp: 0,
  key: null,
  value: null,
  headers: traceparent === undefined ? {} : { traceparent: Buffer.from(traceparent) },
});
const output = (traceparent?: string): OutgoingRecord => ({
  topic: 'validated.a.b',
  key: 'k',
  value: null,
  headers: traceparent === undefined ? {} : { traceparent },
});
const accepted = (...outputs: OutgoingRecord[]): Verdict => ({ kind: 'accepted', outputs });
const rejected: Verdict = {
  kind: 'rejected',
  outcome: {
    member: 'GE/GOV/7001' as MemberId,
    outcome: { kind: 'rejected', ingress: 'x/0/1', at: '2099-01-01T00:00:00Z', faults: [{ code: 'SCHEMA_VIOLATION' }] },
  },
};

function run(verdicts: readonly Verdict[], batch: readonly ReceivedRecord[]) {
  const spans: Span[] = [];
  const tracer = tracerTo({ take: (span) => spans.push(span), close: () => Promise.resolve() });
  return { spans, handled: traced(async () => ({ verdicts }), 'validation', tracer)(batch) };
}

describe('when tracing is off', () => {
  it('is the handler itself, so it costs nothing', () => {
    const handler: CaughtHandler = async () => ({ verdicts: [] });
    expect(traced(handler, 'validation', NO_TRACER)).toBe(handler);
  });
});

describe('when an agency asks for a trace', () => {
  it('ends a span with the verdict, and hangs what is handed on below it', async () => {
    const { spans, handled } = run([accepted(output(SENT), output())], [record('7', SENT)]);
    const answer = await handled;
    const [first, second] = 'verdicts' in answer && answer.verdicts[0]?.kind === 'accepted' ? answer.verdicts[0].outputs : [];
    expect(first?.headers.traceparent).toBe(`00-${TRACE}-${spans[0]?.spanId}-01`);
    expect(second?.headers).toEqual({});
    expect(spans[0]).toMatchObject({
      name: 'validation ingress.GE-GOV-7001.a.b',
      kind: 'consumer',
      attributes: { 'khidi.verdict': 'accepted', 'messaging.kafka.offset': 7 },
    });
    expect(spans[0]?.fault).toBeUndefined();
  });

  it('names the fault of a refusal, and leaves records alone that ask for nothing', async () => {
    const verdicts = [rejected, accepted(output())];
    const { spans, handled } = run(verdicts, [record('1', SENT), record('2')]);
    expect(await handled).toEqual({ verdicts });
    expect(spans.map(({ fault }) => fault)).toEqual(['SCHEMA_VIOLATION']);
  });

  it('makes no span of a chunk that comes again', async () => {
    const spans: Span[] = [];
    const tracer = tracerTo({ take: (span) => spans.push(span), close: () => Promise.resolve() });
    const thrown = { thrown: new Error('x') };
    expect(await traced(async () => thrown, 'signing', tracer)([record('1', SENT)])).toBe(thrown);
    expect(spans).toEqual([]);
  });

  it('takes a header that stands there twice for none', () => {
    expect(sentWith({ ...record('1'), headers: { traceparent: [Buffer.from(SENT), Buffer.from(SENT)] } })).toBeUndefined();
  });
});

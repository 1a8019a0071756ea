import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMetrics } from '../metrics.js';
import { createTracer } from './create-tracer.js';
import { otlpJson } from './otlp-json.js';
import { OtlpSink } from './otlp-sink.js';
import type { Span } from './span.js';
import { NO_TRACER, tracerTo } from './tracer.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SENT = `00-${TRACE}-${PARENT}-01`;

function tracer(): { readonly spans: Span[]; readonly tracer: ReturnType<typeof tracerTo> } {
  const spans: Span[] = [];
  let time = 1000;
  return { spans, tracer: tracerTo({ take: (span) => spans.push(span), close: () => Promise.resolve() }, () => (time += 1)) };
}

describe('when an agency asks for a trace', () => {
  it('gets a span below its own, and what follows hangs below that', () => {
    const { spans, tracer: to } = tracer();
    const first = to.begin('one', 'producer', SENT);
    const second = to.begin('two', 'consumer', first?.traceparent);
    second?.end({ a: 1 });
    first?.end({}, 'STREAM_UNAVAILABLE');
    const [two, one] = spans;
    expect([one?.traceId, two?.traceId, one?.parentId]).toEqual([TRACE, TRACE, PARENT]);
    expect(two?.parentId).toBe(one?.spanId);
    expect([one?.fault, two?.fault, two?.attributes]).toEqual(['STREAM_UNAVAILABLE', undefined, { a: 1 }]);
    expect((one?.ended ?? 0) > (one?.began ?? 0)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'x',
    SENT.replace(/01$/, '00'),
    SENT.replace(TRACE, '0'.repeat(32)),
    `ff${SENT.slice(2)}`,
    `${SENT}\n`,
  ])('gets none with %j', (traceparent) => {
    expect(tracer().tracer.begin('one', 'internal', traceparent)).toBeUndefined();
  });
});

describe('when no collector is named', () => {
  it('is off: nothing is begun, kept or sent', () => {
    expect(createTracer('signing', 'none', createMetrics('signing'))).toBe(NO_TRACER);
    expect(NO_TRACER.begin('one', 'internal', SENT)).toBeUndefined();
  });
});

describe('the JSON of OTLP', () => {
  it('has ids in hex, times as decimal nanoseconds and attributes with their type', () => {
    const began = 4_070_908_800_000.25; // 2099
    const span: Span = {
      traceId: TRACE,
      spanId: PARENT,
      parentId: PARENT,
      name: 'n',
      kind: 'consumer',
      began,
      ended: began - 5,
      attributes: { a: 'x', b: 2 },
      fault: 'F',
    };
    expect(JSON.parse(otlpJson('signing', '1', [span]))).toEqual({
      resourceSpans: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'signing' } },
              { key: 'service.version', value: { stringValue: '1' } },
              { key: 'service.namespace', value: { stringValue: 'khidi' } },
            ],
          },
          scopeSpans: [
            {
              scope: { name: 'khidi', version: '1' },
              spans: [
                {
                  traceId: TRACE,
                  spanId: PARENT,
                  parentSpanId: PARENT,
                  name: 'n',
                  kind: 5,
                  startTimeUnixNano: '4070908800000250000',
                  endTimeUnixNano: '4070908800000250000',
                  attributes: [
                    { key: 'a', value: { stringValue: 'x' } },
                    { key: 'b', value: { intValue: '2' } },
                  ],
                  status: { code: 2, message: 'F' },
                },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe('when a collector listens', () => {
  let server: Server;
  let answer = 200;
  const got: { path: string; type: string; body: string }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', body: Buffer.concat(parts).toString() });
        response.statusCode = answer;
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const span = (n: number): Span => ({
    traceId: TRACE,
    spanId: PARENT,
    parentId: PARENT,
    name: `n${n}`,
    kind: 'internal',
    began: 1,
    ended: 2,
    attributes: {},
  });
  const sink = (endpoint: string) => {
    const dropped = { spans: 0 };
    return {
      dropped,
      sink: new OtlpSink({ endpoint, service: 's', version: '1', every: 3_600_000, onDropped: (n) => (dropped.spans += n) }),
    };
  };

  it('sends all, in batches, to /v1/traces', async () => {
    const { sink: to, dropped } = sink(`${url()}/`);
    for (let n = 0; n < 600; n++) to.take(span(n));
    await to.close();
    expect(got.map(({ path, type }) => [path, type])).toEqual(
      Array.from({ length: 2 }, () => ['/v1/traces', 'application/json']),
    );
    expect(got.flatMap(({ body }) => body.match(/"name":"n\d+"/g) ?? [])).toHaveLength(600);
    expect(dropped.spans).toBe(0);
  });

  it('drops and counts what does not fit and what the collector refuses or does not take', async () => {
    const { sink: full, dropped } = sink(url());
    for (let n = 0; n < 4099; n++) full.take(span(n));
    answer = 503;
    await full.close();
    expect(dropped.spans).toBe(4099);
    const { sink: away, dropped: lost } = sink('http://127.0.0.1:1');
    away.take(span(1));
    await away.close();
    expect(lost.spans).toBe(1);
  });
});

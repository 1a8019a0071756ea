import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deliveryTopic, HEADER, readTraceparent } from '#record';
import { type Span, tracerTo } from '#telemetry';
import { FakePolicy, PENSIONS, policyOf, Scene, TAXES, TYPE, terms, until } from './delivery.fixture.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SIGNING = 'b7ad6b7169203331';
const sent = (flags: '00' | '01') => `00-${TRACE}-${SIGNING}-${flags}`;

let scene: Scene;
let server: Server;
let url: string;
const asked: (string | undefined)[] = [];
const spans: Span[] = [];
const tracer = tracerTo({ take: (span) => void spans.push(span), close: async () => undefined });

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.headers['khidi-loaded'] === undefined) asked.push(String(request.headers.traceparent));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
});
afterAll(() => server.closeAllConnections() ?? server.close());
beforeEach(() => {
  scene = new Scene();
  spans.length = 0;
  asked.length = 0;
});
afterEach(() => scene.stop());

const spanIn = (traceparent: string | undefined) => readTraceparent(traceparent ?? '')?.spanId;
const onTopic = () => scene.onTopic(deliveryTopic(PENSIONS, TYPE)).map(({ headers }) => String(headers[HEADER.traceparent]));

describe('when an agency asks for a trace', () => {
  it('goes on to the delivery, and from there to the webhook, with nothing of the record', async () => {
    const webhook = { consumer: PENSIONS, url, order: 'subject' as const };
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS)]), [webhook]), { tracer });
    await scene.seal(['e1'], { traceparent: sent('01') });
    scene.log(0, 0);
    await until(() => spans.length === 2);
    const [delivery, pushed] = spans;
    expect(spans.map(({ traceId, name, kind, parentId }) => [traceId, name, kind, parentId])).toEqual([
      [TRACE, `delivery sealed.${TYPE}`, 'consumer', SIGNING],
      [TRACE, `webhook ${TYPE}`, 'client', delivery?.spanId],
    ]);
    expect(onTopic().map(spanIn)).toEqual([delivery?.spanId]);
    expect(asked.map(spanIn)).toEqual([pushed?.spanId]);
    expect(delivery?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.destination.name': `sealed.${TYPE}`,
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 0,
      'khidi.consumer': PENSIONS,
      'khidi.verdict': 'delivered',
    });
    expect(pushed?.attributes).toEqual({ 'khidi.consumer': PENSIONS, 'khidi.result': 'accepted' });
  });

  it('says why a record was refused', async () => {
    const wanted = [terms(PENSIONS, { origin: 'seal' })];
    await scene.start(new FakePolicy(policyOf(wanted)), { tracer });
    await scene.seal(['e1'], { traceparent: sent('01') });
    scene.log(0, 0);
    await until(() => spans.length === 1);
    expect([spans[0]?.attributes['khidi.verdict'], spans[0]?.fault]).toEqual([
      'refused',
      scene.handed(PENSIONS)[0]?.faults?.[0]?.code,
    ]);
  });

  it.each(['00', undefined] as const)('keeps none with the flags %s, and passes on what it was sent with', async (flags) => {
    const webhook = { consumer: PENSIONS, url, order: 'subject' as const };
    await scene.start(new FakePolicy(policyOf([terms(PENSIONS), terms(TAXES)]), [webhook]), { tracer });
    await scene.seal(['e1'], flags === undefined ? {} : { traceparent: sent(flags) });
    scene.log(0, 0);
    await until(() => asked.length === 1);
    const same = flags === undefined ? 'undefined' : sent(flags);
    expect([onTopic(), asked, spans]).toEqual([[same], [same], []]);
  });
});

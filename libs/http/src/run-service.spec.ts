import { Controller, Get, Module } from '@nestjs/common';
import { createLogger, createMetrics } from '#telemetry';
import { newSecret } from './credentials.js';
import { ProblemException } from './problem-exception.js';
import { runService } from './run-service.js';

@Controller()
class Sample {
  @Get('refused')
  refused(): never {
    throw new ProblemException('DOOR_FORBIDDEN');
  }

  @Get('broken')
  broken(): never {
    throw new TypeError('quotes Nino Canary');
  }
}

@Module({ controllers: [Sample] })
class SampleModule {}

const lines: string[] = [];
let ready = true;
const start = () =>
  runService({
    service: 'sample',
    module: SampleModule,
    host: '127.0.0.1',
    port: 0,
    log: createLogger('sample', 'debug', { write: (line) => lines.push(line) }),
    metrics: createMetrics('sample'),
    checks: {
      broker: () => ready,
      never: () => true,
    },
  });

describe('when a service runs', () => {
  let service: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.close());

  it('is live and says whether it is ready, dependency by dependency', async () => {
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    ready = false;
    const answer = await fetch(`${service.url}/health/ready`);
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'not ready', checks: { broker: false, never: true } }]);
    ready = true;
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  });

  it('shows its metrics', async () => {
    expect(await (await fetch(`${service.url}/metrics`)).text()).toContain('khidi_build_info');
  });

  it('answers faults as problem+json with the correlation id', async () => {
    const id = '0f0e0d0c-0b0a-4908-8706-050403020100';
    const answer = await fetch(`${service.url}/refused`, { headers: { 'x-correlation-id': id } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('x-correlation-id')).toBe(id);
    expect(await answer.json()).toMatchObject({ code: 'DOOR_FORBIDDEN', status: 403, instance: `urn:uuid:${id}` });
  });

  it('tells a browser to do nothing with an answer, whatever it is', async () => {
    for (const path of ['/health/live', '/refused', '/nowhere']) {
      const { headers } = await fetch(`${service.url}${path}`);
      const told = ['x-content-type-options', 'content-security-policy', 'referrer-policy', 'cache-control'].map((name) =>
        headers.get(name),
      );
      expect(told).toEqual(['nosniff', "default-src 'none'; frame-ancestors 'none'", 'no-referrer', 'no-store']);
    }
  });

  it('says nothing about the cause of a defect, neither in the answer nor in the log', async () => {
    const answer = await fetch(`${service.url}/broken`);
    expect([answer.status, (await answer.text()).includes('Canary'), lines.join().includes('Canary')]).toEqual([
      500,
      false,
      false,
    ]);
    expect(lines.join()).toContain('request failed');
  });

  it('answers an unknown path with a fault of its own', async () => {
    expect(await (await fetch(`${service.url}/nowhere`)).json()).toMatchObject({ code: 'DOOR_NOT_FOUND' });
  });

  it('refuses a second service on the same port', async () => {
    const port = Number(new URL(service.url).port);
    const second = runService({
      service: 'second',
      module: SampleModule,
      host: '127.0.0.1',
      port,
      log: createLogger('second', 'error', { write: () => undefined }),
      metrics: createMetrics('second'),
      checks: {},
    });
    await expect(second).rejects.toMatchObject({ code: 'SETTINGS_PORT_TAKEN' });
  });
});

describe('when an operator changes how much a running service logs', () => {
  const said: string[] = [];
  const { secret, hash } = newSecret();
  const log = createLogger('sample', 'warn', { write: (line) => said.push(line) });
  let service: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    service = await runService({
      service: 'sample',
      module: SampleModule,
      host: '127.0.0.1',
      port: 0,
      log,
      metrics: createMetrics('sample'),
      checks: {},
      operators: new Map([['operator', [hash]]]),
    });
  });
  afterAll(() => service.close());

  const ask = (body: unknown, password = secret) =>
    fetch(`${service.url}/operations/log-level`, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { authorization: `Basic ${Buffer.from(`operator:${password}`).toString('base64')}` },
    });

  it('changes at once, is logged with who did it, and shows the level', async () => {
    log.debug('unheard');
    const answer = await ask({ level: 'debug', minutes: 1 });
    log.debug('heard');
    expect([answer.status, await answer.json()]).toEqual([200, { level: 'debug' }]);
    expect([said.join().includes('unheard'), said.join().includes('"heard"')]).toEqual([false, true]);
    expect(said.join()).toContain('log level changed');
  });

  it('refuses strangers, and levels and times that there are not', async () => {
    expect((await ask({ level: 'debug' }, newSecret().secret)).status).toBe(401);
    expect((await fetch(`${service.url}/operations/log-level`)).status).toBe(401);
    for (const body of [{ level: 'loud' }, { level: 'debug', minutes: 0 }, { level: 'debug', minutes: 9999 }, 'x'])
      expect((await ask(body)).status).toBe(400);
  });
});

describe('when the time of another level is over', () => {
  it('comes back to the level of the start', () => {
    jest.useFakeTimers();
    try {
      const log = createLogger('sample', 'info', { write: () => undefined });
      log.control.change('debug', 60);
      expect(log.control.level()).toBe('debug');
      jest.advanceTimersByTime(60_000);
      expect(log.control.level()).toBe('info');
    } finally {
      jest.useRealTimers();
    }
  });
});

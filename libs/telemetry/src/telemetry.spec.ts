import { FaultError } from '#faults';
import { createLogger, describeError } from './logger.js';
import { createMetrics } from './metrics.js';

describe('when an exception quotes its input', () => {
  it('is described without its message', () => {
    const described = describeError(new SyntaxError('Unexpected token in "Nino Canary"'));
    expect(JSON.stringify(described)).not.toContain('Canary');
    expect(described.error).toBe('SyntaxError');
  });

  it('keeps the code and detail of our own faults', () => {
    expect(describeError(new FaultError('STREAM_UNAVAILABLE', 'broker 1'))).toMatchObject({
      code: 'STREAM_UNAVAILABLE',
      detail: 'broker 1',
    });
  });
});

describe('when an event is logged', () => {
  it('is one JSON line with service, level and fields', () => {
    const lines: string[] = [];
    createLogger('signing', 'info', { write: (line) => lines.push(line) }).info('sealed', { count: 3 });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', service: 'signing', event: 'sealed', count: 3 });
  });

  it('is cut where a field is as long as a record', () => {
    const lines: string[] = [];
    createLogger('signing', 'info', { write: (line) => lines.push(line) }).info('x', { long: 'y'.repeat(5000) });
    expect(lines[0]?.length).toBeLessThan(600);
  });
});

describe('when metrics are rendered', () => {
  it('carry the prefix, the service and no record', async () => {
    const metrics = createMetrics('validation');
    metrics.rejected.inc({ record_type: 'address.locality', fault: 'SCHEMA_VIOLATION' });
    expect(await metrics.render()).toContain(
      'khidi_records_rejected_total{record_type="address.locality",fault="SCHEMA_VIOLATION",service="validation"} 1',
    );
    expect((await metrics.declared()).map(({ name }) => name)).toContain('khidi_build_info');
  });
});

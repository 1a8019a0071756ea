import type { ReceivedRecord } from '#record';
import { deadLetter, readDeadLetter } from './dead-letter.js';

const record = (headers: ReceivedRecord['headers']): ReceivedRecord => ({
  topic: 'ingress.GE-GOV-7001.population.person',
  partition: 2,
  offset: '41',
  key: null,
  value: Buffer.from([0, 255]),
  headers,
  timestamp: 1,
});
const again = (original: ReceivedRecord) => {
  const { headers, key, value } = deadLetter('validation', original, 'STREAM_DEFECT');
  return readDeadLetter({
    ...original,
    topic: 'dead-letter.validation',
    partition: 0,
    offset: '7',
    key: key as null,
    value,
    headers: headers as ReceivedRecord['headers'],
  });
};

describe('when a dead letter is taken apart', () => {
  it.each<[string, ReceivedRecord['headers']]>([
    ['no headers', {}],
    ['headers of its own', { ce_id: Buffer.from('e1'), twice: [Buffer.from('a'), Buffer.from('b')] }],
    ['headers like ours', { khidi_fault: Buffer.from('mine'), khidi_step: [Buffer.from('a'), Buffer.from('b')] }],
  ])('gives the record as it was, with %s', (_, headers) => {
    expect(again(record(headers))).toEqual({ fault: 'STREAM_DEFECT', step: 'validation', original: record(headers) });
  });

  it('knows what is none', () => {
    expect(readDeadLetter(record({}))).toBeUndefined();
    expect(readDeadLetter(record({ khidi_fault: Buffer.from('NO_SUCH_FAULT') }))).toBeUndefined();
  });
});

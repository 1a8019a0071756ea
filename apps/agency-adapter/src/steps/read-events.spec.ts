import type { RecordType, SubsystemId } from '#record';
import type { Caller, OrRefusal, SentAttributes, SentEvent } from '../door-event.js';
import { admit } from './admit.js';
import { decodeHeader, isCloudEventsString } from './attribute-text.js';
import { readBinaryEvent } from './binary-event.js';
import { readStructuredEvent } from './structured-event.js';

const caller: Caller = {
  subsystem: 'GE/GOV/7001/base-registry' as SubsystemId,
  source: '/GE/GOV/7001/base-registry',
  publishes: new Set(['address.locality' as RecordType]),
};
const now = new Date('2026-11-21T10:00:00.000Z');
const codeOf = (result: OrRefusal<unknown>) => (result.ok ? 'ok' : result.fault);
const structured = (text: string | Buffer) => readStructuredEvent(Buffer.from(text));
function eventOf(result: OrRefusal<{ event: SentEvent }>): SentEvent {
  if (!result.ok) throw new Error(result.fault);
  return result.event;
}

describe('when an event comes in structured mode', () => {
  it('cuts data out exactly as it was sent', () => {
    const data = '{ "n":1.0, "e":1e2, "u":"\\u10D0",\n"big":9007199254740993, "d":1,"d":2 }';
    const { event } = { event: eventOf(structured(`{"specversion":"1.0","data" : ${data} ,"id":"a"}`)) };
    expect(event.data.toString()).toBe(data);
    expect(event.attributes).toEqual({ specversion: '1.0', id: 'a' });
  });

  it('decodes data_base64 to the bytes it stands for', () => {
    expect(eventOf(structured('{"id":"a","data_base64":"eyJhIjr/fQ=="}')).data).toEqual(Buffer.from('{"a":\xff}', 'latin1'));
  });

  it('reads no data as no bytes, never as a tombstone', () => {
    expect(eventOf(structured('{"id":"a"}')).data).toEqual(Buffer.alloc(0));
  });

  it('takes null as absent and an integer as sequence', () => {
    const { attributes } = eventOf(structured('{"id":"a","subject":null,"sequence":17,"ext":{"x":1}}'));
    expect(attributes).toEqual({ id: 'a', sequence: '17' });
  });

  it.each<[string, string | Buffer]>([
    ['no object', '[]'],
    ['an object that does not end', '{"id":"a"'],
    ['an attribute twice', '{"id":"a","id":"b"}'],
    ['data twice', '{"id":"a","data":{},"data":{}}'],
    ['an id that is a number', '{"id":1}'],
    ['a fraction as sequence', '{"id":"a","sequence":1.5}'],
    ['data in both forms', '{"id":"a","data":1,"data_base64":"AA=="}'],
    ['broken base64', '{"id":"a","data_base64":"A"}'],
    ['base64 that is no string', '{"id":"a","data_base64":null}'],
    ['an attribute that is not UTF-8', Buffer.from('{"id":"\xff"}', 'latin1')],
    ['nothing', ''],
  ])('refuses %s with DOOR_FRAMING', (_, text) => {
    expect(codeOf(structured(text))).toBe('DOOR_FRAMING');
  });
});

describe('when an event comes in binary mode', () => {
  it('takes attributes from headers and leaves out extensions that the road does not know', () => {
    const headers = {
      'content-type': ['application/json'],
      'ce-id': ['%E1%83%90%20b'],
      'ce-specversion': ['1.0'],
      'ce-type': ['"address.locality.created"'],
      'ce-tenant': ['x'],
      traceparent: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    };
    expect(eventOf(readBinaryEvent(headers, Buffer.from('{}'))).attributes).toEqual({
      specversion: '1.0',
      id: 'ა b',
      type: 'address.locality.created',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      datacontenttype: 'application/json',
    });
  });

  it.each([
    ['the same header twice', ['a', 'b']],
    ['an escape that is none', ['%zz']],
    ['escapes that are not UTF-8', ['%ff']],
    ['raw bytes above ASCII', ['\u00e1']],
  ])('refuses %s with DOOR_FRAMING', (_, id) => {
    expect(codeOf(readBinaryEvent({ 'ce-id': id }, Buffer.alloc(0)))).toBe('DOOR_FRAMING');
  });

  it('decodes once and no more', () => {
    expect([decodeHeader('a%2520b'), decodeHeader('"q\\"%20"'), decodeHeader('50%')]).toEqual(['a%20b', 'q" ', undefined]);
  });
});

describe('when an event asks to be let in', () => {
  const ask = (attributes: SentAttributes, data = Buffer.from('{}')) =>
    admit({ attributes: { specversion: '1.0', id: 'a', type: 'address.locality.created', ...attributes }, data }, caller, now);

  it('adds the time and the source that are missing', () => {
    const admitted = ask({});
    expect(admitted).toMatchObject({
      ok: true,
      event: { source: caller.source, attributes: { time: '2026-11-21T10:00:00.000Z' } },
    });
  });

  it('leaves content to the road', () => {
    const odd = { time: 'yesterday', dataschema: 'urn:other', datacontenttype: 'text/xml', sequence: 'x' };
    expect(ask(odd, Buffer.from('{"a":'))).toMatchObject({ ok: true, event: { attributes: odd } });
  });

  it('drops a traceparent that is none', () => {
    expect(ask({ traceparent: 'x' })).toMatchObject({ ok: true, event: { attributes: { traceparent: undefined } } });
  });

  it.each<[string, SentAttributes, string]>([
    ['another version', { specversion: '0.3' }, 'DOOR_FRAMING'],
    ['no version', { specversion: undefined }, 'DOOR_FRAMING'],
    ['no id', { id: undefined }, 'DOOR_FRAMING'],
    ['an empty id', { id: '' }, 'DOOR_FRAMING'],
    ['a control character', { subject: 'a\nb' }, 'DOOR_FRAMING'],
    ['half a surrogate pair', { id: '\ud800' }, 'DOOR_FRAMING'],
    ['an attribute that is too long', { subject: 'ა'.repeat(700) }, 'DOOR_TOO_LARGE'],
    ['another subsystem', { source: '/GE/GOV/7001/other' }, 'DOOR_SOURCE_FOREIGN'],
    ['another member', { source: '/GE/GOV/7002/base-registry' }, 'DOOR_SOURCE_FOREIGN'],
    ['no type', { type: undefined }, 'DOOR_TYPE_UNROUTED'],
    ['a record type that the member does not publish', { type: 'population.person.created' }, 'DOOR_TYPE_UNROUTED'],
    ['an unknown operation', { type: 'address.locality.deleted' }, 'DOOR_TYPE_UNROUTED'],
  ])('refuses %s', (_, attributes, code) => {
    expect(codeOf(ask(attributes))).toBe(code);
  });

  it('refuses data over 1 MiB with DOOR_TOO_LARGE', () => {
    expect([ask({}, Buffer.alloc(1024 * 1024)), ask({}, Buffer.alloc(1024 * 1024 + 1))].map(codeOf)).toEqual([
      'ok',
      'DOOR_TOO_LARGE',
    ]);
  });

  it('knows what a CloudEvents string is', () => {
    expect(['ა😀', 'a\u0085', '\ufdd0', '\u{1fffe}', '\udc00'].map(isCloudEventsString)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

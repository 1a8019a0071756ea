import { guidName, serializedWith } from './schema-id.js';

const json = Buffer.from('{"id":"a"}');
const guid = 'ea95a431-12ce-8fd9-a754-414b812d66b4';
const guidBytes = Buffer.concat([Buffer.from([1]), Buffer.from(guid.replaceAll('-', ''), 'hex')]);

describe('when a serializer names the schema', () => {
  it('is read in front of the value, which then is the rest', () => {
    expect(serializedWith({}, Buffer.concat([Buffer.from([0, 0, 0, 1, 2]), json]))).toEqual({ schemaId: 'id 258', data: json });
    expect(serializedWith({}, Buffer.concat([guidBytes, json]))).toEqual({ schemaId: guidName(guid), data: json });
  });

  it('is read in its header, which leaves the value whole', () => {
    expect(serializedWith({ __value_schema_id: guidBytes }, json)).toEqual({ schemaId: guidName(guid), data: json });
    expect(serializedWith({ __value_schema_id: Buffer.from([0, 0, 0, 0, 7]) }, json)).toEqual({ schemaId: 'id 7', data: json });
  });

  it('is not there in plain JSON', () => {
    expect(serializedWith({}, json)).toBeUndefined();
    expect(serializedWith({}, Buffer.alloc(0))).toBeUndefined();
  });

  it.each([
    ['a prefix that is cut off', {}, Buffer.from([0, 0, 1])],
    ['a header that is too long', { __value_schema_id: Buffer.concat([guidBytes, Buffer.from([1])]) }, json],
    ['a header of another kind', { __value_schema_id: Buffer.from('5') }, json],
    ['a repeated header', { __value_schema_id: [guidBytes, guidBytes] }, json],
  ])('is malformed with %s', (_case, headers, value) => {
    expect(serializedWith(headers, value)?.schemaId).toBe('malformed');
  });
});

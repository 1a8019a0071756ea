import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalize } from '#canonical';
import { custodySettings } from '#custody';
import { firstKey, generateSealingKey, originKeys, originMisfit, readKeySet, softwareSigner } from '#envelope';
import type { MemberId, OutgoingRecord } from '#record';
import { readSettings, Secret } from '#settings';
import { createLogger } from '#telemetry';
import type { DoorEvent } from './door-event.js';
import { openOriginSealing, originSealing } from './origin-sealing.js';
import { adapterSettings } from './settings.js';

const member = 'GE/GOV/7001' as MemberId;
const AT = new Date('2099-03-01T10:00:00Z');
const stated = {
  id: 'e1',
  source: '/GE/GOV/7001/base-registry',
  type: 'population.person.created',
  time: '2099-03-01T09:00:00Z',
  dataschema: 'urn:khidi:schema:population.person:1',
};
const { id, source, type, time, dataschema } = stated;
const event = (data: string, attributes: object = { time, dataschema }) =>
  ({ id, source, type, attributes, data: Buffer.from(data) }) as unknown as DoorEvent;
const record: OutgoingRecord = { topic: 't', key: 'k', value: Buffer.from('{"b":1, "a":2}'), headers: { ce_id: id } };

describe('when the agency seals its records', () => {
  const key = generateSealingKey(AT);
  const keys = readKeySet({
    keys: originKeys([firstKey({ ...key, purpose: 'origin' }, member, 'member', { by: 'nino', at: AT, why: 'test' })]),
  });
  const seal = originSealing({ iss: member, signer: softwareSigner(key) }, () => AT);

  it('adds a seal over the attributes and the canonical record, and changes nothing else', async () => {
    const [sealed] = await seal([event('{"b":1, "a":2}')], [record]);
    const { khidi_seal: made, ...rest } = sealed?.headers ?? {};
    expect([sealed?.value, rest]).toEqual([record.value, record.headers]);
    const expected = { member, event: stated, record: canonicalize({ a: 2, b: 1 }), now: AT };
    expect(originMisfit(Buffer.from(String(made)), keys, expected)).toBeUndefined();
  });

  it.each([
    ['whose data is no strict JSON', event('{"a":1,"a":2}')],
    ['without a time', event('{}', { dataschema })],
  ])('passes on as it is an event %s', async (_, sent) => {
    expect(await seal([sent], [record])).toEqual([record]);
  });

  it('lets nothing leave while its key does not sign', async () => {
    const broken = originSealing(
      { iss: member, signer: { kid: key.kid, sign: () => Promise.reject(new Error('down')) } },
      () => AT,
    );
    await expect(broken([event('{}')], [record])).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
  });
});

describe('when an adapter starts', () => {
  it('makes its key once and writes the public part for the operator, and does neither unless it is asked to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'khidi-origin-'));
    const lines: string[] = [];
    const log = createLogger('test', 'info', { write: (line) => lines.push(line) });
    const env = { KHIDI_MEMBER: member, KHIDI_CALLERS: 'x', KHIDI_STORE: 'x', KHIDI_KEYS: join(folder, 'keys') };
    const settings = (more: object) => ({
      ...readSettings(adapterSettings, { ...env, ...more }),
      passphrase: new Secret('test'),
    });
    expect(await openOriginSealing(settings({}), member, () => AT, log)).toBeUndefined();
    expect(await openOriginSealing(settings({ KHIDI_ORIGIN_SEAL: 'yes' }), member, () => AT, log)).toBeInstanceOf(Function);
    const { file } = JSON.parse(lines.at(-1) ?? '{}') as { file: string };
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8'))).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(Object.keys(custodySettings)).toContain('keyStore');
    rmSync(folder, { recursive: true, force: true });
  });
});

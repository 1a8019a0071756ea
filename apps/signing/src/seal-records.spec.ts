import { verify, verifyDisclosed } from '#envelope';
import { type FaultReport, faultReport } from '#faults';
import type { OutgoingRecord, ReceivedRecord, Verdict } from '#record';
import { PERSON, PERSON_TERMS, SEALED_AT, schemaHeader, testIssuer, validatedRecord } from '#testkit';
import { recordSealing, type SealingDesk } from './seal-records.js';
import { sampledSelfCheck } from './steps/self-check.js';

const issuer = testIssuer();

function desk(changes: Partial<SealingDesk> = {}) {
  const steps: string[] = [];
  const handled: unknown[] = [];
  const broken: FaultReport[] = [];
  const observe = {
    step: (name: string) => () => steps.push(name),
    handled: (...args: unknown[]) => handled.push(args),
  };
  const onBroken = (fault: FaultReport) => broken.push(fault);
  const selfCheck = sampledSelfCheck(() => issuer.keys, 1);
  return { sealer: issuer.sealer, selfCheck, now: () => SEALED_AT, observe, onBroken, steps, handled, broken, ...changes };
}

function outputOf(verdict: Verdict | undefined): OutgoingRecord {
  const [output] = verdict?.kind === 'accepted' ? verdict.outputs : [];
  if (output === undefined) throw new Error('the record was not accepted');
  return output;
}

const sealOne = async (record: ReceivedRecord, at = desk()) => (await recordSealing(at).seal([record]))[0];
const claimsOf = async (record: ReceivedRecord) => {
  const verification = verify(outputOf(await sealOne(record)).value ?? Buffer.alloc(0), { keys: issuer.keys, now: SEALED_AT });
  return verification.ok ? verification.claims : verification.fault;
};

describe('when a validated record is sealed', () => {
  it('goes to the sealed topic of its type under its own key', async () => {
    const record = validatedRecord();
    const { topic, key, headers, value } = outputOf(await sealOne(record));
    expect([topic, Buffer.from(key)]).toEqual(['sealed.population.person', record.key]);
    expect(headers).toMatchObject({ 'content-type': 'application/jose', ce_id: 'event-1', ce_type: 'population.person.updated' });
    expect(verify(value ?? Buffer.alloc(0), { keys: issuer.keys, now: SEALED_AT })).toMatchObject({
      ok: true,
      claims: { iss: 'GE/GOV/0001', origin: { agency: 'GE/GOV/7001/base-registry', auth: 'topic' }, record: PERSON },
    });
  });

  it('is sealed with disclosures where its type is named for that, and holds by our own check', async () => {
    const checked: boolean[] = [];
    const selfCheck: SealingDesk['selfCheck'] = (output, at) => {
      const fault = sampledSelfCheck(() => issuer.keys, 1)(output, at);
      checked.push(fault === undefined);
      return fault;
    };
    const disclosable = new Set([PERSON_TERMS.schema.subject]);
    const { headers, value } = outputOf(await sealOne(validatedRecord(), desk({ selfCheck, disclosable })));
    const verified = verifyDisclosed(value ?? Buffer.alloc(0), { keys: issuer.keys, now: SEALED_AT });
    expect([verified, checked]).toMatchObject([{ ok: true, whole: true, claims: { record: PERSON } }, [true]]);
    expect(headers['content-type']).toBe('application/sd-jwt');
  });

  it('carries no header of validation on but where the record came in, and traceparent only where it has its form', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const good = outputOf(await sealOne(validatedRecord({ traceparent, other: 'x' }))).headers;
    const bad = outputOf(await sealOne(validatedRecord({ traceparent: '01001099001' }))).headers;
    expect(Object.keys(good).sort()).toEqual(
      [
        'ce_dataschema',
        'ce_id',
        'ce_source',
        'ce_specversion',
        'ce_subject',
        'ce_time',
        'ce_type',
        'content-type',
        'khidi_ingress',
        'traceparent',
      ].sort(),
    );
    const { ingress } = JSON.parse(String(validatedRecord().headers.khidi_origin));
    expect(String(good.khidi_ingress)).toBe(ingress);
    expect([String(good.traceparent), bad.traceparent]).toEqual([traceparent, undefined]);
  });

  it('seals an answer for the one who asked, bound to the question, and nothing that is an answer by halves', async () => {
    const target = { aud: 'GE/GOV/7002/pensions', request: `sha-256:${'A'.repeat(43)}` };
    const envelope = outputOf(await sealOne(validatedRecord({ khidi_target: JSON.stringify(target) }))).value?.toString('latin1');
    expect(JSON.parse(Buffer.from(envelope?.split('.')[1] ?? '', 'base64url').toString('utf8'))).toMatchObject(target);
    for (const odd of [
      '{"aud":"GE/GOV/7002/pensions"}',
      '{"aud":"x","request":"y"}',
      JSON.stringify({ ...target, request: 'y' }),
      '',
    ])
      expect(await sealOne(validatedRecord({ khidi_target: odd }))).toMatchObject({ kind: 'dead', fault: 'SEAL_INPUT' });
  });

  it('passes on what validation found doubtful, to the reader and to the member', async () => {
    const warnings = '[{"code":"IDENTIFIER_CHECK_DIGIT","pointer":"/id"}]';
    const verdict = await sealOne(validatedRecord({ khidi_warnings: warnings }));
    expect(outputOf(verdict).headers.khidi_warnings).toBe(warnings);
    expect(verdict).toMatchObject({ outcome: { outcome: { kind: 'sealed', warnings: JSON.parse(warnings) } } });
    for (const odd of ['[{"code":"IDENTIFIER_CHECK_DIGIT","pointer":"/id","value":"1"}]', '[{"code":"X","pointer":""}]', 'x'])
      expect(await sealOne(validatedRecord({ khidi_warnings: odd }))).toMatchObject({ kind: 'dead', fault: 'SEAL_INPUT' });
  });

  it('tells the member that sent it', async () => {
    expect(await sealOne(validatedRecord())).toMatchObject({
      outcome: {
        member: 'GE/GOV/7001',
        outcome: {
          kind: 'sealed',
          ingress: 'ingress.GE-GOV-7001.population.person/0/41',
          at: SEALED_AT.toISOString(),
          id: 'event-1',
          source: '/GE/GOV/7001/base-registry',
          type: 'population.person.updated',
          jti: expect.stringMatching(/^[\w-]{43}$/),
        },
      },
    });
  });

  it('takes its sequence from the validated topic, or from the agency where the schema says so', async () => {
    expect(await claimsOf(validatedRecord({ ce_sequence: '9' }))).toMatchObject({ seq: 7 });
    expect(await claimsOf(validatedRecord({ ce_sequence: '9', khidi_schema: schemaHeader('agency') }))).toMatchObject({ seq: 9 });
  });

  it('times its steps and reports what was handled', async () => {
    const at = desk();
    await recordSealing(at).seal([validatedRecord(), validatedRecord({ ce_time: undefined })]);
    expect(at.steps).toEqual(['read', 'seal', 'self-check']);
    expect(at.handled).toEqual([['population.person', 2, [faultReport('SEAL_INPUT')], [1]]]);
  });

  it('gives an empty chunk no verdicts', async () => {
    expect(await recordSealing(desk()).seal([])).toEqual([]);
  });
});

describe('when a record lacks what its envelope needs', () => {
  const withOrigin = (change: object) => ({
    khidi_origin: JSON.stringify({ ...JSON.parse(String(validatedRecord().headers.khidi_origin)), ...change }),
  });
  const withTerms = (change: object) => ({ khidi_schema: JSON.stringify({ ...JSON.parse(schemaHeader('offset')), ...change }) });

  it.each<[string, ReceivedRecord]>([
    ['/id', validatedRecord({ ce_id: undefined })],
    ['/source', validatedRecord({ ce_source: undefined })],
    ['/type', validatedRecord({ ce_type: 'address.locality.updated' })],
    ['/type', validatedRecord({}, { topic: 'validated.address.locality' })],
    ['/time', validatedRecord({ ce_time: undefined })],
    ['/subject', validatedRecord({ ce_subject: undefined })],
    ['/dataschema', validatedRecord({ ce_dataschema: undefined })],
    ['/specversion', validatedRecord({ ce_specversion: '0.3' })],
    ['/khidi_schema', validatedRecord({ khidi_schema: undefined })],
    ['/khidi_schema', validatedRecord({ khidi_schema: '{' })],
    ['/khidi_schema', validatedRecord(withTerms({ sequence: 'both' }))],
    ['/law/basis', validatedRecord(withTerms({ law: null }))],
    ['/key', validatedRecord({}, { key: null })],
    ['/key', validatedRecord({}, { key: Buffer.from('another') })],
    ['/sequence', validatedRecord({ khidi_schema: schemaHeader('agency') })],
    ['/sequence', validatedRecord({ khidi_schema: schemaHeader('agency'), ce_sequence: '1e3' })],
    ['/sequence', validatedRecord({ khidi_schema: schemaHeader('agency'), ce_sequence: '9007199254740993' })],
    ['/record', validatedRecord({}, { value: null })],
    ['/record', validatedRecord({}, { value: Buffer.from('{},"iss":"GE/GOV/0002"') })],
    ['/event/source', validatedRecord({ ce_source: '/GE/GOV/7002/base-registry' })],
  ])('is a dead letter with SEAL_INPUT at %s, and the member is told (%#)', async (pointer, record) => {
    const verdict = await sealOne(record);
    expect(verdict).toMatchObject({
      kind: 'dead',
      fault: 'SEAL_INPUT',
      outcome: { member: 'GE/GOV/7001', outcome: { kind: 'rejected', faults: [{ code: 'SEAL_INPUT', pointer }] } },
    });
    expect(JSON.stringify(verdict)).not.toContain('undefined');
  });

  it.each([
    ['missing', { khidi_origin: undefined }],
    ['of no agency', withOrigin({ agency: 'somebody' })],
    ['without a digest', withOrigin({ digest: 'AAAA' })],
    ['no object', { khidi_origin: 'null' }],
  ])('is a dead letter that nobody can be told of where its origin is %s', async (_, headers) => {
    expect(await sealOne(validatedRecord(headers))).toEqual({ kind: 'dead', fault: 'SEAL_INPUT' });
  });

  it('refuses a header that occurs twice, and one that is not UTF-8', async () => {
    const twice = { ...validatedRecord().headers, ce_id: [Buffer.from('event-1'), Buffer.from('event-2')] };
    const broken = { ...validatedRecord().headers, ce_id: Buffer.from([0xff]) };
    const verdicts = await recordSealing(desk()).seal([
      validatedRecord({}, { headers: twice }),
      validatedRecord({}, { headers: broken }),
    ]);
    expect(verdicts.map(({ kind }) => kind)).toEqual(['dead', 'dead']);
  });

  it('leaves its neighbours as they are, in order', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const batch = ids.map((id) =>
      validatedRecord(id === 'b' ? { ce_time: undefined } : id === 'd' ? { ce_time: 'x', ce_id: id } : { ce_id: id }),
    );
    const verdicts = await recordSealing(desk()).seal(batch);
    expect(verdicts.map((verdict) => (verdict.kind === 'accepted' ? outputOf(verdict).headers.ce_id : verdict.kind))).toEqual([
      'a',
      'dead',
      'c',
      'dead',
      'e',
    ]);
  });
});

describe('when an envelope of our own does not verify', () => {
  const damaged = () => {
    const { signer } = issuer.sealer;
    const sign = async (bytes: Uint8Array) => {
      const signature = Buffer.from(await signer.sign(bytes));
      signature[3] = (signature[3] ?? 0) ^ 1;
      return signature;
    };
    return { ...issuer.sealer, signer: { kid: signer.kid, sign } };
  };

  it('writes nothing of the chunk or after it, and says so once', async () => {
    const at = desk({ sealer: damaged() });
    const sealing = recordSealing(at);
    const first = await sealing.seal([validatedRecord(), validatedRecord({ ce_time: undefined })]);
    const later = await sealing.seal([validatedRecord()]);
    expect([...first, ...later]).toEqual(Array(3).fill({ kind: 'retry', fault: 'SEAL_SELF_CHECK' }));
    expect(at.broken).toEqual([{ code: 'ENVELOPE_SIGNATURE' }]);
    expect([sealing.trusted(), at.handled]).toEqual([false, []]);
  });

  it('stops the chunk of another partition that was under way', async () => {
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const good = issuer.sealer.signer;
    let calls = 0;
    const sign = async (bytes: Uint8Array) => {
      if (calls++ > 0) return Buffer.alloc(64, 1);
      await gate;
      return good.sign(bytes);
    };
    const at = desk({ sealer: { ...issuer.sealer, signer: { kid: good.kid, sign } } });
    const sealing = recordSealing(at);
    const slow = sealing.seal([validatedRecord()]);
    await sealing.seal([validatedRecord()]);
    release?.();
    expect(await slow).toEqual([{ kind: 'retry', fault: 'SEAL_SELF_CHECK' }]);
    expect(at.broken).toHaveLength(1);
  });

  it('is found by the first record after a start, whatever the sample', async () => {
    const selfCheck = sampledSelfCheck(() => issuer.keys, 1_000_000);
    const at = desk({ sealer: damaged(), selfCheck });
    await recordSealing(at).seal([validatedRecord()]);
    expect(at.broken).toHaveLength(1);
  });
});

describe('when a sample is taken', () => {
  it('verifies the first and then one of every so many', async () => {
    const selfCheck = sampledSelfCheck(() => new Map(), 3);
    const output = outputOf(await sealOne(validatedRecord()));
    const found = Array.from({ length: 7 }, () => selfCheck(output, SEALED_AT)?.code ?? '-');
    expect(found.join(' ')).toBe('ENVELOPE_KEY_UNKNOWN - - ENVELOPE_KEY_UNKNOWN - - ENVELOPE_KEY_UNKNOWN');
  });

  it('compares the headers and the key of the message too', async () => {
    const output = outputOf(await sealOne(validatedRecord()));
    const selfCheck = sampledSelfCheck(() => issuer.keys, 1);
    const relabelled = { ...output, headers: { ...output.headers, ce_id: 'event-2' } };
    const found = [output, relabelled, { ...output, key: 'another' }].map((one) => selfCheck(one, SEALED_AT)?.code);
    expect(found).toEqual([undefined, 'ENVELOPE_HEADERS_DIFFER', 'ENVELOPE_HEADERS_DIFFER']);
  });
});

describe('when the key store does not sign', () => {
  it('throws what makes the records wait', async () => {
    const signer = { kid: issuer.sealer.signer.kid, sign: () => Promise.reject(new Error('no token')) };
    const sealing = recordSealing(desk({ sealer: { ...issuer.sealer, signer } }));
    await expect(sealing.seal([validatedRecord()])).rejects.toMatchObject({ code: 'KEY_STORE_UNAVAILABLE' });
    expect(sealing.trusted()).toBe(true);
  });
});

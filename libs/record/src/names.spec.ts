import {
  ingressTopic,
  memberId,
  memberOf,
  outcomesTopic,
  readEventType,
  readIngressTopic,
  readSchemaUrn,
  readSource,
  recordType,
  registryOf,
  subsystemId,
} from './index.js';

const member = memberId('GE/GOV/7001')!;
const type = recordType('address.locality')!;

describe('when a name is well-formed', () => {
  it('is split into what it is made of', () => {
    expect(memberOf(subsystemId('GE/GOV/7001/civil-registry')!)).toBe(member);
    expect(registryOf(type)).toBe('address');
    expect(readSource('/GE/GOV/7001/civil-registry')).toBe('GE/GOV/7001/civil-registry');
    expect(readEventType('population.person.updated')).toEqual({ type: 'population.person', op: 'updated' });
    expect(readSchemaUrn('urn:khidi:schema:address.locality:12')).toEqual({ subject: type, version: 12 });
  });

  it('becomes a topic and is read back from it', () => {
    expect(ingressTopic(member, type)).toBe('ingress.GE-GOV-7001.address.locality');
    expect(readIngressTopic(ingressTopic(member, type))).toEqual({ member, type });
    expect(outcomesTopic(member)).toBe('outcomes.GE-GOV-7001');
  });
});

describe('when a name is malformed', () => {
  it.each(['ge/GOV/7001', 'GE/GOV', 'GE/GOV/70-01', 'GE/GOV/7001/x', '', 'GE/GOV/7001\n'])('refuses the member %j', (text) => {
    expect(memberId(text)).toBeUndefined();
  });

  it.each(['person', 'a.b.c', 'Population.person', 'population.', '__proto__.x', 'a.b\n'])(
    'refuses the record type %j',
    (text) => {
      expect(recordType(text)).toBeUndefined();
    },
  );

  it.each(['GE/GOV/7001/x', '//GOV/7001/x', '/GE/GOV/7001', '/GE/GOV/7001/X'])('refuses the source %j', (text) => {
    expect(readSource(text)).toBeUndefined();
  });

  it.each(['address.locality', 'address.locality.deleted', 'created', '.created'])('refuses the event type %j', (text) => {
    expect(readEventType(text)).toBeUndefined();
  });

  it.each(['urn:khidi:schema:address.locality:0', 'urn:khidi:schema:address.locality', 'urn:khidi:schema:address.locality:1.0'])(
    'refuses the dataschema %j',
    (text) => {
      expect(readSchemaUrn(text)).toBeUndefined();
    },
  );

  it.each(['ingress.GE-GOV-7001.address', 'sealed.address.locality', 'ingress.GE-GOV.address.locality'])(
    'refuses the ingress topic %j',
    (text) => {
      expect(readIngressTopic(text)).toBeUndefined();
    },
  );
});

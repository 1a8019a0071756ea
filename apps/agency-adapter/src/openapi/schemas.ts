import { FAULTS } from '#faults';
import { OPS, OUTCOME_KINDS } from '#record';

const text = { type: 'string' } as const;
const position = { ...text, description: 'Where the event lies: `topic/partition/offset`.' } as const;
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const WARNINGS = {
  type: 'array',
  items: ref('FaultReport'),
  description: 'Of a sealed record: what is doubtful in it without being a reason to refuse it.',
} as const;
const STATUSES = ['accepted', ...OUTCOME_KINDS];

/** The JSON Schemas of everything that the doors read and answer. */
export const schemas = {
  CloudEvent: {
    type: 'object',
    description: 'A CloudEvent 1.0 in the JSON format. `data` is published byte for byte as it stands in the request.',
    required: ['specversion', 'id', 'type'],
    properties: {
      specversion: { const: '1.0' },
      id: {
        ...text,
        minLength: 1,
        description: 'Unique in this source. The same id with the same content may be sent again at any time.',
      },
      source: {
        ...text,
        description: 'The subsystem that sends; the caller itself where absent.',
        examples: ['/GE/GOV/7001/base-registry'],
      },
      type: { ...text, description: '`<record type>.<created|updated|withdrawn>`', examples: ['address.locality.created'] },
      time: { ...text, format: 'date-time', description: 'When it happened; the time of arrival where absent.' },
      dataschema: { ...text, examples: ['urn:khidi:schema:address.locality:1'] },
      datacontenttype: { ...text, default: 'application/json' },
      subject: { ...text, description: 'Keeps events of one subject together on the way; never passed on.' },
      sequence: {
        type: ['string', 'integer'],
        description: 'The agency’s own number per subject, where the record type demands it.',
      },
      khidiaudience: { ...text, description: 'Of an answer: the one subsystem that it is for.' },
      khidirequest: { ...text, description: 'Of an answer: `sha-256:` and the digest of the canonical question.' },
      traceparent: text,
      data: { description: 'The record; of a withdrawn one only its identifier.' },
      data_base64: { ...text, contentEncoding: 'base64', description: 'The bytes of the record, instead of `data`.' },
    },
    additionalProperties: true,
  },
  Accepted: {
    type: 'object',
    required: ['id', 'source', 'type', 'status'],
    properties: { id: text, source: text, type: text, status: { const: 'accepted' } },
  },
  ContentReference: {
    type: 'object',
    description: 'How a record names a content.',
    required: ['dataref', 'size', 'mediaType'],
    properties: { dataref: text, size: { type: 'integer', minimum: 1 }, mediaType: text },
  },
  BatchAnswer: {
    type: 'object',
    required: ['statuses'],
    properties: { statuses: { type: 'array', items: ref('EventStatus') } },
  },
  EventStatus: {
    type: 'object',
    required: ['index', 'status'],
    properties: {
      index: { type: 'integer', minimum: 0 },
      id: text,
      source: text,
      type: text,
      status: { type: 'integer', description: '202, or the status of the fault.' },
      fault: ref('FaultCode'),
      detail: text,
    },
  },
  LineStatus: {
    type: 'object',
    description: 'One line of the answer for each line that is not empty (of CSV: each row after the first), in order.',
    required: ['line', 'status'],
    properties: {
      line: { type: 'integer', minimum: 1, description: 'The line of the request on which it begins.' },
      id: text,
      status: { type: 'integer', description: '202, or the status of the fault.' },
      fault: ref('FaultCode'),
      detail: text,
    },
  },
  Fate: {
    type: 'object',
    required: ['id', 'source', 'status', 'history'],
    properties: {
      id: text,
      source: text,
      status: { enum: STATUSES, description: 'The fate of the latest sending; a duplicate has the fate of what it repeats.' },
      type: text,
      faults: { type: 'array', items: ref('FaultReport') },
      warnings: WARNINGS,
      jti: { ...text, description: 'Of a sealed record: the id of its envelope.' },
      history: { type: 'array', items: ref('Step'), description: 'Oldest sending first.' },
    },
  },
  Step: {
    type: 'object',
    required: ['status', 'at', 'ingress'],
    properties: {
      status: { enum: STATUSES },
      at: { ...text, format: 'date-time' },
      ingress: position,
      type: text,
      faults: { type: 'array', items: ref('FaultReport') },
      warnings: WARNINGS,
      jti: text,
    },
  },
  Outcome: {
    type: 'object',
    required: ['kind', 'ingress', 'at', 'cursor'],
    properties: {
      kind: { enum: [...OUTCOME_KINDS] },
      ingress: position,
      at: { ...text, format: 'date-time' },
      id: text,
      source: text,
      type: text,
      faults: { type: 'array', items: ref('FaultReport') },
      warnings: WARNINGS,
      jti: text,
      cursor: { ...text, description: 'Send it as `after` to go on with the next outcome.' },
    },
  },
  OutcomePage: {
    type: 'object',
    required: ['outcomes', 'next', 'more'],
    properties: {
      outcomes: { type: 'array', items: ref('Outcome') },
      next: { ...text, description: 'Send it as `after`. A page may be empty and still lead on.' },
      more: { type: 'boolean', description: 'Whether there is more to be read right now.' },
    },
  },
  Question: {
    type: 'object',
    description: 'The members of a record of the type of questions (KHIDI_QUESTION_TYPE); these are common to all.',
    required: ['purpose'],
    properties: {
      id: { ...text, description: 'A UUID that was never used before; made where absent.' },
      purpose: { ...text, description: 'The id of the purpose in the register.' },
      identifier: { ...text, description: 'The identifier of the record as it stands in the registry.' },
    },
    additionalProperties: true,
  },
  Answer: {
    type: 'object',
    required: ['request', 'iss', 'jti', 'sub', 'op', 'seq', 'record', 'whole', 'agreement', 'purpose', 'number', 'envelope'],
    properties: {
      question: { ...text, description: 'The id of the question.' },
      request: { ...text, description: '`sha-256:` and the digest of the canonical question, as it is sealed.' },
      iss: text,
      jti: { ...text, description: 'With `iss` it names the exchange.' },
      sub: text,
      ownPseudonym: { type: 'boolean', description: 'Whether `sub` is a pseudonym of this consumer’s own.' },
      op: { enum: [...OPS] },
      seq: { type: 'integer' },
      record: { type: 'object', description: 'What the agreement gives of the record.' },
      whole: { type: 'boolean', description: 'Whether that is all of it.' },
      agreement: { ...text, description: '`<id>/<version>` under which it was given.' },
      purpose: { ...text, description: 'What it may be used for.' },
      number: { type: 'integer', description: 'The number of this delivery.' },
      envelope: { ...text, description: 'The compact envelope: keep it, it is the evidence.' },
    },
  },
  FaultCode: { enum: Object.keys(FAULTS), description: 'Stable; explained by `khidi explain <code>` and in docs/faults.md.' },
  FaultReport: {
    type: 'object',
    required: ['code'],
    properties: {
      code: ref('FaultCode'),
      pointer: { ...text, description: 'RFC 6901; segments that the schema does not declare are `*`.' },
      rule: { ...text, description: 'The keyword or attribute that was broken.' },
    },
  },
  Problem: {
    type: 'object',
    description: 'RFC 9457. Never contains values of a record.',
    required: ['type', 'title', 'status', 'code'],
    properties: {
      type: { ...text, format: 'uri' },
      title: text,
      status: { type: 'integer' },
      code: ref('FaultCode'),
      detail: text,
      instance: { ...text, description: '`urn:uuid:` and the correlation id of the request, as in the header x-correlation-id.' },
      errors: { type: 'array', items: ref('FaultReport') },
    },
  },
} as const;

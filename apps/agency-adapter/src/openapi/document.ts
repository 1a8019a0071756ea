import { json, problems } from '#http';
import { CONTENT_TYPE, OPS, OUTCOME_KINDS } from '#record';
import { CSV, NDJSON } from '../door.js';
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_EVENTS,
  MAX_EVENT_BYTES,
  MAX_PAGE,
  MAX_QUESTION_SECONDS,
  MAX_WAIT_SECONDS,
} from '../limits.js';
import { ALWAYS, header, query } from './answers.js';
import { contentPaths } from './contents.js';
import { schemas } from './schemas.js';

const ABOUT = `The agency's end of Khidi: one member, a secret for each of its subsystems.

202 means that Kafka has the record on all in-sync replicas; what becomes of it is told at /v1/outcomes. The door refuses only what
concerns authentication, framing, size and route; the content of a record is judged on the road. After a 5xx or a broken connection
send the same ids again: the same content counts once.`;

const SENDING = `One door, chosen by Content-Type:

- \`${CONTENT_TYPE.json}\` with \`ce-*\` headers: one CloudEvent in binary mode, at most ${MAX_EVENT_BYTES} bytes, answered 202.
- \`${CONTENT_TYPE.structured}\`: one CloudEvent in structured mode, answered 202.
- \`${CONTENT_TYPE.batch}\`: up to ${MAX_BATCH_EVENTS} events and ${MAX_BATCH_BYTES} bytes, answered 207 with a status for each.
- \`${NDJSON}\`: any number of lines, each a CloudEvent, or with \`type\`, \`schema\` and \`op\` each a bare record.
- \`${CSV}\`: any number of rows through the mapping that \`mapping\` names; the first row names the columns.

NDJSON and CSV are answered 200 with one status a line while they are read. Read the answer while you send: neither side keeps
more than a window of it.`;

const ASKING = `The question goes on the road as a record of the type KHIDI_QUESTION_TYPE: judged, sealed, logged, and brought to its owner under an
agreement; so does the answer. Both are delivered as ever: the subsystem's consumer gets the answer as well, with its number. Without
agreements it is answered 403 at once. After a broken connection or a 504 ask again with the same \`id\` (Khidi-Question) and content:
nothing is asked twice, and an answer that has come meanwhile is given at once.`;

const event = { schema: { $ref: '#/components/schemas/CloudEvent' } };

const receive = {
  operationId: 'sendEvents',
  summary: 'Send record events',
  description: SENDING,
  parameters: [
    header('ce-specversion', 'Binary mode: `1.0`.'),
    header('ce-id', 'Binary mode: the event id. Values of ce-* headers are percent-encoded UTF-8.'),
    header('ce-source', 'Binary mode: the subsystem; the caller where absent.'),
    header('ce-type', 'Binary mode: `<record type>.<op>`.'),
    header('ce-time', 'Binary mode: RFC 3339.'),
    header('ce-dataschema', 'Binary mode: `urn:khidi:schema:<record type>:<version>`.'),
    header('ce-subject', 'Binary mode: keeps events of one subject together.'),
    header('ce-khidiaudience', 'Binary mode, of an answer: the one subsystem that it is for.'),
    header('ce-khidirequest', 'Binary mode, of an answer: `sha-256:` and the digest of the canonical question.'),
    header('ce-sequence', 'Binary mode: the agency’s own number per subject.'),
    header('traceparent', 'W3C trace context; passed on.'),
    query('type', 'NDJSON of bare records: their record type.', { type: 'string', examples: ['address.locality'] }),
    query('schema', 'NDJSON of bare records: the version of their schema.', { type: 'integer', minimum: 1 }),
    query('op', 'NDJSON of bare records: what happened to them.', { enum: [...OPS], default: 'created' }),
    query('mapping', 'CSV: the name of a mapping.', { type: 'string' }),
  ],
  requestBody: {
    required: true,
    content: {
      [CONTENT_TYPE.json]: { schema: { description: 'The record itself.' } },
      [CONTENT_TYPE.structured]: event,
      [CONTENT_TYPE.batch]: { schema: { type: 'array', items: event.schema, maxItems: MAX_BATCH_EVENTS } },
      [NDJSON]: { schema: { type: 'string' } },
      [CSV]: { schema: { type: 'string' } },
    },
  },
  responses: {
    '200': { description: 'NDJSON and CSV: one status a line, in order.', content: json('LineStatus', NDJSON) },
    '202': {
      description: 'One event: it is on the road.',
      headers: { location: { description: 'Where to ask what became of it.', schema: { type: 'string' } } },
      content: json('Accepted'),
    },
    '207': { description: 'A batch: one status an event.', content: json('BatchAnswer') },
    ...problems(
      'DOOR_FRAMING',
      'DOOR_PARAMETER',
      ...ALWAYS,
      'DOOR_SOURCE_FOREIGN',
      'DOOR_SLOW',
      'DOOR_TOO_LARGE',
      'STREAM_RECORD_TOO_LARGE',
      'DOOR_MEDIA_TYPE',
      'DOOR_TYPE_UNROUTED',
      'CONTENT_UNKNOWN',
      'CONTENT_REFERENCE',
      'STREAM_UNAVAILABLE',
      'DOOR_QUOTA',
      'DOOR_UNAVAILABLE',
    ),
  },
};

const find = {
  operationId: 'findEvent',
  summary: 'Ask what became of an event',
  description: 'Answers for events of the calling subsystem only, also for those that it wrote to Kafka itself.',
  parameters: [
    query('id', 'The event id.', { type: 'string' }, true),
    query('source', 'The caller itself where absent.', { type: 'string', examples: ['/GE/GOV/7001/base-registry'] }),
  ],
  responses: {
    '200': { description: 'What is known of it.', content: json('Fate') },
    ...problems('DOOR_PARAMETER', ...ALWAYS, 'DOOR_SOURCE_FOREIGN', 'DOOR_ID_UNKNOWN'),
  },
};

const outcomes = {
  operationId: 'readOutcomes',
  summary: 'Read outcomes, oldest first',
  description: `What became of the calling subsystem's events. With \`Accept: ${NDJSON}\` a stream of outcomes up to \`limit\` or to the end.`,
  parameters: [
    query('after', 'The cursor to go on from; the oldest outcome kept where absent.', { type: 'string' }),
    query('limit', `At most this many; JSON: 100 where absent.`, { type: 'integer', minimum: 1, maximum: MAX_PAGE }),
    query('kind', 'One or more kinds, separated by commas.', { type: 'string', examples: [OUTCOME_KINDS.join(',')] }),
    query('wait', 'Seconds to wait where nothing is there yet.', {
      type: 'integer',
      minimum: 0,
      maximum: MAX_WAIT_SECONDS,
      default: 0,
    }),
  ],
  responses: {
    '200': { description: 'Outcomes, oldest first.', content: { ...json('OutcomePage'), ...json('Outcome', NDJSON) } },
    ...problems('DOOR_PARAMETER', 'DOOR_CURSOR', ...ALWAYS, 'DOOR_CURSOR_EXPIRED'),
  },
};

const about = {
  name: 'type',
  in: 'path',
  required: true,
  description: 'What is asked for.',
  schema: { type: 'string', examples: ['population.person'] },
} as const;
const wait = (fallback: string, minimum: number) =>
  query('wait', `Seconds to wait for the answer; ${fallback} where absent.`, {
    type: 'integer',
    minimum,
    maximum: MAX_QUESTION_SECONDS,
  });
const answered = {
  description:
    'The answer: verified, and bound to the question by its digest. An `op` of `withdrawn` says that there is no such record.',
  content: { ...json('Answer'), [CONTENT_TYPE.envelope]: { schema: { type: 'string', description: 'The envelope alone.' } } },
};
const location = { description: 'Where the answer will be.', schema: { type: 'string' } };

const ask = {
  operationId: 'ask',
  summary: 'Ask the owner of a registry, and get the answer',
  description: ASKING,
  parameters: [about, wait('KHIDI_QUESTION_SECONDS', 1), header('traceparent', 'W3C trace context; passed on.')],
  requestBody: { required: true, content: json('Question') },
  responses: (() => {
    const refused = problems(
      ...(['DOOR_FRAMING', 'DOOR_PARAMETER', ...ALWAYS, 'QUESTION_NOT_AGREED', 'DOOR_SLOW', 'DOOR_TOO_LARGE'] as const),
      ...(['DOOR_TYPE_UNROUTED', 'QUESTION_REJECTED', 'QUESTION_TOO_MANY', 'DOOR_QUOTA', 'QUESTION_OFF'] as const),
      ...(['CONFIGURATION_MISSING', 'CONFIGURATION_EXPIRED', 'STREAM_UNAVAILABLE', 'STREAM_TOPIC_MISSING'] as const),
      ...(['DOOR_UNAVAILABLE', 'QUESTION_UNANSWERED'] as const),
    );
    return { '200': answered, ...refused, '504': { ...refused['504'], headers: { location } } };
  })(),
};

const findAnswer = {
  operationId: 'findAnswer',
  summary: 'Read an answer that came late',
  description:
    'At the address that a 504 gave. What is delivered stays there for 30 days, or until a later change of the same subject.',
  parameters: [
    about,
    {
      name: 'digest',
      in: 'path',
      required: true,
      description: 'What names the question: `sha-256:` and the digest of its canonical record.',
      schema: { type: 'string' },
    },
    query('from', 'Where reading begins, as Location said.', { type: 'string', default: '0' }),
    wait('0', 0),
  ],
  responses: {
    '200': answered,
    ...problems(
      ...(['DOOR_PARAMETER', ...ALWAYS, 'QUESTION_PENDING', 'QUESTION_TOO_MANY', 'QUESTION_OFF'] as const),
      ...(['STREAM_UNAVAILABLE', 'STREAM_TOPIC_MISSING'] as const),
    ),
  },
};

/** The OpenAPI 3.1 document of the adapter. A test holds it against the controllers. */
export const openapi = {
  openapi: '3.1.0',
  info: {
    title: 'Khidi agency adapter',
    version: '1.0.0',
    description: ABOUT,
    license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
  },
  servers: [{ url: '/' }],
  security: [{ subsystem: [] }],
  paths: {
    '/v1/events': { post: receive, get: find },
    '/v1/outcomes': { get: outcomes },
    ...contentPaths,
    '/v1/questions/{type}': { post: ask },
    '/v1/questions/{type}/{digest}': { get: findAnswer },
    '/openapi.json': {
      get: {
        operationId: 'readOpenapi',
        summary: 'This document',
        security: [],
        responses: { '200': { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } } },
      },
    },
  },
  components: {
    securitySchemes: {
      permit: { type: 'http', scheme: 'bearer', description: 'A permit of delivery for one fetch.' },
      subsystem: { type: 'http', scheme: 'basic', description: 'The subsystem code and its secret (`khidi_…`).' },
    },
    schemas,
  },
} as const;

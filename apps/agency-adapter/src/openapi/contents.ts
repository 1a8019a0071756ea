import { json, problems } from '#http';
import { ALWAYS, header } from './answers.js';

const BYTES = { schema: { type: 'string', format: 'binary' } } as const;

const put = {
  operationId: 'putContent',
  summary: 'Put a file that is too large for a record',
  description: `The body is the file, of any media type. Put the answer into the record as it is, and send the record within a day.
The same bytes twice are one content. 64 MiB at most, unless the adapter is told otherwise.`,
  parameters: [header('content-digest', 'RFC 9530: `sha-256=:<base64>:`; other bytes are refused.')],
  requestBody: { required: true, content: { '*/*': BYTES } },
  responses: {
    '201': { description: 'It is kept.', content: json('ContentReference') },
    ...problems(
      ...(['DOOR_FRAMING', 'DOOR_PARAMETER', 'CONTENT_DIGEST', ...ALWAYS, 'DOOR_NOT_FOUND', 'DOOR_SLOW'] as const),
      ...(['CONTENT_TOO_LARGE', 'DOOR_MEDIA_TYPE', 'DOOR_UNAVAILABLE', 'CONTENT_FULL'] as const),
    ),
  },
};

const get = {
  operationId: 'getContent',
  summary: 'Fetch a file by permit',
  description:
    'For consumers, with the permit that delivery gave for it (`Authorization: Bearer …`). Each permit is for one fetch, also for one that goes on where another broke off.',
  security: [{ permit: [] }],
  parameters: [
    { name: 'dataref', in: 'path', required: true, schema: { type: 'string' }, description: 'As the record names it.' },
    header('range', '`bytes=N-`: from byte N on. Any other form is passed over.'),
  ],
  responses: {
    '200': { description: 'Its bytes.', content: { 'application/octet-stream': BYTES } },
    '206': { description: 'Its bytes from the one that was asked for.', content: { 'application/octet-stream': BYTES } },
    ...problems('DOOR_UNAUTHENTICATED', 'CONTENT_PERMIT', 'CONTENT_UNKNOWN', 'DOOR_INTERNAL', 'DOOR_UNAVAILABLE'),
  },
};

/** The doors for files that are too large for records. */
export const contentPaths = {
  '/v1/contents': { post: put },
  '/v1/contents/{dataref}': { get },
} as const;

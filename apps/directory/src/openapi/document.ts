import { z } from 'zod';
import type { FaultCode } from '#faults';
import { json, problems } from '#http';
import { BODIES } from '../door/bodies.js';

const ABOUT = `Who takes part in this instance, and what was agreed on.

Officers sign in with their name and secret, and what lets a member in takes two of them. Members prove what they say by signatures:
detached JWS (RFC 7515 appendix F, ES256) over the RFC 8785 form of the text that each operation names. Whatever is decided stands in
the audit, and in the signed configuration from which all services take it.`;

const REQUEST = [
  'DIRECTORY_REQUEST_INVALID',
  'DOOR_TOO_LARGE',
  'DOOR_SLOW',
  'STREAM_UNAVAILABLE',
  'KEY_STORE_UNAVAILABLE',
] as const;
const SIGNED_IN = ['DOOR_UNAUTHENTICATED', 'DOOR_THROTTLED'] as const;
const OFFICER = [...SIGNED_IN, ...REQUEST, 'CONFIGURATION_TOO_LARGE'] as const;
const MEMBER_ID = ['instance', 'class', 'code'].map((name) => parameter(name));
const MEMBER = '/v1/members/{instance}/{class}/{code}';

const CHANGE = ['MEMBER_CHANGE_UNKNOWN'] as const;
const BY_CHANGE = [...MEMBER_ID, parameter('change')];

const officer = [{ officer: [] }];
const anybody: readonly object[] = [];

/** One operation: what it is for, who may, its body, its answer and its faults. */
function operation(
  operationId: string,
  summary: string,
  { body, answer, faults, status = 200, parameters = [], security }: Operation,
): object {
  return {
    operationId,
    summary,
    parameters,
    security,
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: { [status]: { description: summary, content: json(answer) }, ...problems(...faults) },
  };
}

interface Operation {
  readonly body?: keyof typeof NAMES;
  readonly answer: string;
  readonly faults: readonly FaultCode[];
  readonly status?: 200 | 201;
  readonly parameters?: readonly object[];
  readonly security: readonly object[];
}

const NAMES = {
  Invite: BODIES.invite,
  Join: BODIES.join,
  AddKey: BODIES.addKey,
  OwnChange: BODIES.update,
  Why: BODIES.officer,
  NewPurpose: BODIES.purpose,
  Propose: BODIES.propose,
  Accept: BODIES.accept,
  Revoke: BODIES.revoke,
} as const;

const SIDES = ['MEMBER_UNKNOWN', 'MEMBER_NOT_APPROVED', 'MEMBER_SUSPENDED', 'AGREEMENT_STATE', 'AGREEMENT_SIGNATURE'] as const;
const onMember = (
  operationId: string,
  summary: string,
  more: readonly FaultCode[],
  parameters: readonly object[] = MEMBER_ID,
) => ({
  post: operation(operationId, summary, {
    body: 'Why',
    answer: 'Member',
    faults: [...OFFICER, 'MEMBER_UNKNOWN', 'MEMBER_STATE', ...more],
    parameters,
    security: officer,
  }),
});
const text = (mediaType: string, description: string) => ({
  description,
  content: { [mediaType]: { schema: { type: 'string' } } },
});

/** The OpenAPI 3.1 document of the directory; what requests may say is made from what reads them. */
export const openapi = {
  openapi: '3.1.0',
  info: { title: 'Khidi directory', version: '1.0.0', description: ABOUT, license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' } },
  servers: [{ url: '/' }],
  paths: {
    '/v1/members': {
      get: operation('listMembers', 'All members', { answer: 'Members', faults: SIGNED_IN, security: officer }),
      post: operation('inviteMember', 'Invite a member, or renew its invitation', {
        ...{ body: 'Invite', answer: 'Invited', status: 201, security: officer, faults: [...OFFICER, 'MEMBER_STATE'] },
      }),
    },
    [MEMBER]: {
      get: operation('showMember', 'One member', {
        ...{ answer: 'Member', faults: [...SIGNED_IN, 'MEMBER_UNKNOWN'], parameters: MEMBER_ID, security: officer },
      }),
    },
    [`${MEMBER}/join`]: {
      post: operation('joinAsMember', 'Join by an invitation, with keys that are proved and the systems that take part', {
        body: 'Join',
        answer: 'Member',
        faults: [...REQUEST, 'MEMBER_UNKNOWN', 'MEMBER_INVITATION_INVALID', 'MEMBER_KEY_UNPROVEN'],
        parameters: MEMBER_ID,
        security: anybody,
      }),
    },
    [`${MEMBER}/approve`]: onMember('approveMember', 'Let a member take part, as a second person', ['DIRECTORY_FOUR_EYES']),
    [`${MEMBER}/suspend`]: onMember('suspendMember', 'Stop a member at once', []),
    [`${MEMBER}/keys`]: {
      post: operation('addKey', 'A further key, proved by itself and endorsed by one for agreements; it waits for an officer', {
        body: 'AddKey',
        answer: 'Member',
        status: 201,
        faults: [...REQUEST, 'MEMBER_UNKNOWN', 'MEMBER_STATE', 'MEMBER_KEY_UNPROVEN'],
        parameters: MEMBER_ID,
        security: anybody,
      }),
    },
    [`${MEMBER}/changes`]: {
      post: operation(
        'changeMember',
        'Change what the directory has of oneself, signed; endpoints that begin to receive wait for an officer',
        {
          body: 'OwnChange',
          answer: 'Member',
          faults: [...REQUEST, 'CONFIGURATION_TOO_LARGE', 'MEMBER_UNKNOWN', 'MEMBER_STATE', 'MEMBER_SIGNATURE'],
          parameters: MEMBER_ID,
          security: anybody,
        },
      ),
    },
    [`${MEMBER}/changes/{change}/approve`]: onMember(
      'approveChange',
      'Put a change in force, as a second person',
      [...CHANGE],
      BY_CHANGE,
    ),
    [`${MEMBER}/changes/{change}/decline`]: onMember('declineChange', 'Drop a change that waits', [...CHANGE], BY_CHANGE),
    [`${MEMBER}/keys/{kid}/revoke`]: onMember('revokeKey', 'Trust a key no more', [], [...MEMBER_ID, parameter('kid')]),
    '/v1/purposes': {
      get: operation('listPurposes', 'The purpose register', { answer: 'Purposes', faults: [], security: anybody }),
      post: operation('addPurpose', 'Add a purpose with its legal basis', {
        ...{ body: 'NewPurpose', answer: 'Purpose', status: 201, faults: [...OFFICER, 'PURPOSE_EXISTS'], security: officer },
      }),
    },
    '/v1/agreements': {
      get: operation('listAgreements', 'All agreements', { answer: 'Agreements', faults: [], security: anybody }),
      post: operation('proposeAgreement', 'Propose an agreement, or its next version, signed by one side over its text', {
        body: 'Propose',
        answer: 'Agreement',
        status: 201,
        faults: [...REQUEST, 'POLICY_TERMS_INVALID', 'POLICY_PURPOSE_UNKNOWN', ...SIDES],
        security: anybody,
      }),
    },
    '/v1/agreements/{id}': {
      get: operation('showAgreement', 'One agreement', {
        ...{ answer: 'Agreement', faults: ['AGREEMENT_UNKNOWN'], parameters: [parameter('id')], security: anybody },
      }),
    },
    '/v1/agreements/{id}/versions/{version}/acceptance': {
      post: operation('acceptAgreement', 'Accept the latest version, signed by the other side over the same text', {
        body: 'Accept',
        answer: 'Agreement',
        faults: [...REQUEST, 'AGREEMENT_UNKNOWN', ...SIDES],
        parameters: [parameter('id'), parameter('version')],
        security: anybody,
      }),
    },
    '/v1/agreements/{id}/revocation': {
      post: operation('revokeAgreement', 'End an agreement at once and for good, signed by either side', {
        body: 'Revoke',
        answer: 'Agreement',
        faults: [...REQUEST, 'AGREEMENT_UNKNOWN', 'AGREEMENT_STATE', 'AGREEMENT_SIGNATURE'],
        parameters: [parameter('id')],
        security: anybody,
      }),
    },
    '/configuration': {
      get: {
        operationId: 'readConfiguration',
        summary: 'The signed, expiring configuration that all services follow',
        security: anybody,
        responses: {
          '200': text('application/khidi-configuration+jwt', 'A compact JWS.'),
          ...problems('CONFIGURATION_MISSING', 'CONFIGURATION_EXPIRED'),
        },
      },
    },
    '/.well-known/jwks.json': {
      get: {
        operationId: 'readKeys',
        summary: 'The keys that sign configurations; compare them with the anchor that you were given',
        security: anybody,
        responses: { '200': text('application/jwk-set+json', 'RFC 7517.') },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'readOpenapi',
        summary: 'This document',
        security: anybody,
        responses: { '200': text('application/json', 'OpenAPI 3.1.') },
      },
    },
  },
  components: {
    securitySchemes: {
      officer: { type: 'http', scheme: 'basic', description: 'The name of an officer and a secret (`khidi_…`).' },
    },
    schemas: {
      ...Object.fromEntries(Object.entries(NAMES).map(([name, body]) => [name, schemaOf(body)])),
      Member: { type: 'object', description: 'A member with its state, keys, systems, contacts, and what was done to it.' },
      Invited: {
        type: 'object',
        required: ['member', 'invitation'],
        properties: {
          member: { $ref: '#/components/schemas/Member' },
          invitation: { type: 'string', description: 'The secret by which the member joins; it is nowhere else.' },
        },
      },
      Members: listOf('members', 'Member'),
      Purpose: { type: 'object', description: 'A purpose with its legal basis and its time.' },
      Purposes: listOf('purposes', 'Purpose'),
      Agreement: { type: 'object', description: 'An agreement with all its versions and the signatures over them.' },
      Agreements: listOf('agreements', 'Agreement'),
      Problem: {
        type: 'object',
        description: 'RFC 9457; `code` is one of docs/faults.md.',
        required: ['type', 'title', 'status', 'code'],
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          code: { type: 'string' },
          detail: { type: 'string' },
          instance: { type: 'string' },
        },
      },
    },
  },
};

function parameter(name: string): object {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

function listOf(name: string, schema: string): object {
  return {
    type: 'object',
    required: [name],
    properties: { [name]: { type: 'array', items: { $ref: `#/components/schemas/${schema}` } } },
  };
}

function schemaOf(body: z.ZodType): object {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return schema;
}

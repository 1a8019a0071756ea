import { configurationSettings } from '#configuration';
import { commonSettings, flag, integer, oneOf, text } from '#settings';

/** What this service is told by its environment. */
export const registrySettings = {
  ...commonSettings,
  ...configurationSettings,
  auth: oneOf('KHIDI_REGISTRY_AUTH', 'whether callers prove who they are; `none` is for tests on loopback', ['secrets', 'none'], {
    default: 'secrets',
  }),
  callersFile: text('KHIDI_CALLERS', 'file of the roles and hashed secrets of those who may do more than read', { default: '' }),
  anonymousReads: flag('KHIDI_ANONYMOUS_READS', 'whether reading needs no secret', { default: true }),
  hasRoad: flag('KHIDI_ROAD', 'whether records are judged by these schemas: then those of record types need x-khidi', {
    default: true,
  }),
  comparisonSeconds: integer(
    'KHIDI_COMPARISON_SECONDS',
    'how many seconds of processor time one compatibility check may take before it is undecided',
    {
      min: 1,
      max: 60,
      default: 2,
    },
  ),
  schemasTopic: text('KHIDI_SCHEMAS_TOPIC', 'the topic of schemas, where it is not the one of the plan', { default: '' }),
  auditTopic: text('KHIDI_SCHEMA_AUDIT_TOPIC', 'the topic of who did what, where it is not the one of the plan', { default: '' }),
} as const;

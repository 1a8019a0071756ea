import type { FaultCode } from '#faults';

/** What every door behind the guard may answer. */
export const ALWAYS = ['DOOR_UNAUTHENTICATED', 'DOOR_THROTTLED', 'DOOR_INTERNAL'] as const satisfies readonly FaultCode[];

/** A query parameter. */
export const query = (name: string, description: string, schema: object, required = false) => ({
  name,
  in: 'query',
  required,
  description,
  schema,
});

/** A request header. */
export const header = (name: string, description: string, required = false) => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string' },
});

import { FAULTS, type FaultCode } from '#faults';

/** Faults as OpenAPI responses, grouped by status, since one status may stand for several faults. */
export function problems(...codes: readonly FaultCode[]): Record<string, object> {
  const byStatus = new Map<number, FaultCode[]>();
  for (const code of codes) byStatus.set(FAULTS[code].status, [...(byStatus.get(FAULTS[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      {
        description: group.map((code) => `${code}: ${FAULTS[code].title}.`).join(' '),
        headers: group.some((code) => FAULTS[code].retry)
          ? { 'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer' } } }
          : {},
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

/** What every door behind the guard may answer. */
export const ALWAYS = ['DOOR_UNAUTHENTICATED', 'DOOR_THROTTLED', 'DOOR_INTERNAL'] as const satisfies readonly FaultCode[];

/** A JSON body of a schema of ours. */
export const json = (schema: string, mediaType = 'application/json') => ({
  [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } },
});

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

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

/** A JSON body of a schema of ours. */
export const json = (schema: string, mediaType = 'application/json') => ({
  [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } },
});

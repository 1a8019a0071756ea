import type { InstanceService } from '#settings';
import type { Patient } from './finding.js';

const ASK_MS = 10_000;

/** The services of one kind. */
export function servicesOf({ instance }: Patient, kind: InstanceService['kind']): readonly InstanceService[] {
  return instance.services.filter((service) => service.kind === kind);
}

/** Asks one path of a service. Throws where it does not answer within ten seconds. */
export function ask({ url }: InstanceService, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(ASK_MS) });
}

/** The metrics page of a service. */
export async function metricsOf(service: InstanceService): Promise<string> {
  return (await ask(service, '/metrics')).text();
}

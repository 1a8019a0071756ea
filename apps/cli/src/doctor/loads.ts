import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { FAULTS, type FaultCode } from '#faults';
import { callerSecretFile, type InstanceService } from '#settings';
import { basic } from '../caller.js';
import type { Load } from '../commands/loads.js';
import { ask, servicesOf } from './ask-service.js';
import { type Check, type Finding, type Patient, well, wrong } from './finding.js';

/** How long is looked whether a load gets on. A lane that works decides on hundreds of records in that time. */
const LOOK_AGAIN_MS = 3000;

/** Whether the initial loads of consumers get on. */
export const loads: Check = {
  name: 'loads',
  otherwise: 'Ask by hand: khidi loads.',
  look: (patient) => lookAtLoads(patient, LOOK_AGAIN_MS),
};

/** Asks delivery, and once more after `againMs` where a load is under way. */
export async function lookAtLoads(patient: Patient, againMs: number): Promise<readonly Finding[]> {
  const [service] = servicesOf(patient, 'delivery');
  if (service === undefined) return []; // that is a finding of its own
  const first = await loadsOf(service, patient);
  if (!first.some(isUnderWay)) return judgeLoads(first, first);
  await pause(againMs);
  return judgeLoads(first, await loadsOf(service, patient));
}

async function loadsOf(service: InstanceService, { instance }: Patient): Promise<readonly Load[]> {
  const secret = readFileSync(callerSecretFile(instance.secretsFolder, 'delivery', 'operator-1'), 'utf8').trim();
  const answer = await ask(service, '/v1/loads', { authorization: basic('operator-1', secret) });
  if (!answer.ok) throw new Error(`delivery answered ${answer.status}`);
  return ((await answer.json()) as { readonly loads: readonly Load[] }).loads;
}

/** What two answers of delivery say, one after the other. */
export function judgeLoads(before: readonly Load[], after: readonly Load[]): readonly Finding[] {
  const earlier = new Map(before.map((load) => [nameOf(load), load]));
  const found = after.flatMap((load) => judge(load, earlier.get(nameOf(load))));
  if (found.length > 0) return found;
  const complete = after.filter(({ state }) => state === 'complete').length;
  return [well('loads', `${complete} complete, ${after.filter(isUnderWay).length} under way`)];
}

function judge(load: Load, before: Load | undefined): readonly Finding[] {
  if (!isUnderWay(load)) return [];
  const name = `loads/${nameOf(load)}`;
  const far = `${load.left} offsets before its end`;
  if (load.waits !== undefined) return [wrong(name, 'watch', `${far}, waits: ${load.waits}`, nextOf(load.waits))];
  if (before === undefined || before.load !== load.load || !isUnderWay(before) || before.waits !== undefined) return [];
  return before.left === load.left ? [wrong(name, 'watch', `${far}, and does not get on`, STANDS)] : [];
}

const STANDS = 'See what keeps it: docs/runbooks/alerts.md#khidideliverybehind, then khidi loads.';
const isUnderWay = ({ state }: Load): boolean => state === 'loading';
const nameOf = ({ consumer, type }: Load): string => `${consumer}/${type}`;

/** A code of a newer delivery is not in our table. */
const nextOf = (code: string): string =>
  Object.hasOwn(FAULTS, code) ? FAULTS[code as FaultCode].next : `See docs/faults.md for ${code}.`;

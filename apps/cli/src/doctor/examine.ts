import { FAULTS, FaultError } from '#faults';
import { reason } from '../fetch.js';
import { type Check, type Finding, type Patient, wrong } from './finding.js';

const LOOK_MS = 30_000;

/** Makes all checks side by side. One that fails or takes longer than 30 s is a finding of its own and hides none of the others. */
export async function examine(checks: readonly Check[], patient: Patient, patienceMs = LOOK_MS): Promise<readonly Finding[]> {
  return (await Promise.all(checks.map((check) => lookAt(check, patient, patienceMs)))).flat();
}

async function lookAt(check: Check, patient: Patient, patienceMs: number): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Finding[]>((resolve) => {
    const seen = `no answer within ${patienceMs / 1000} s`;
    timer = setTimeout(() => resolve([wrong(check.name, 'unknown', seen, check.otherwise)]), patienceMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(() => check.look(patient)), late]);
  } catch (error) {
    return [failed(check, error)];
  } finally {
    clearTimeout(timer);
  }
}

/** A fault of ours says what to do; of anything else only the class or code is told, since messages quote what they were given. */
function failed({ name, otherwise }: Check, error: unknown): Finding {
  if (!(error instanceof FaultError)) return wrong(name, 'unknown', `could not be looked at (${reason(error)})`, otherwise);
  const { title, status, next } = FAULTS[error.code];
  const detail = error.detail === '' ? '' : `: ${error.detail}`;
  return wrong(name, 'ill', `${error.code}, ${title}${detail}`, status === 503 ? otherwise : next);
}

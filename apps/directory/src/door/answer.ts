import { FAULTS, FaultError } from '#faults';
import { ProblemException } from '#http';

/** Runs what answers a request; a fault of the directory is answered with its reason and with what to do. */
export async function answer<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FaultError) || FAULTS[error.code].status >= 500) throw error;
    const { next } = FAULTS[error.code];
    throw new ProblemException(error.code, { detail: error.detail === '' ? next : `${error.detail}. ${next}` });
  }
}

import { FaultError, faultSentence } from '#faults';
import { Missing } from './missing.js';

/** Runs one task of the command line and sets the exit status; what went wrong is said in words where it is known. */
export async function runTask(task: () => Promise<number>): Promise<void> {
  process.stdout.on('error', goOnUnread);
  try {
    process.exitCode = await task();
  } catch (error) {
    console.error(`\n${explain(error)}`);
    process.exitCode = 1;
  }
}

/** `npm run up | head`: a reader that has seen enough does not stop the work half-way. */
function goOnUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Only a defect of ours shows where it happened. */
function explain(error: unknown): string {
  if (error instanceof Missing) return error.message;
  if (error instanceof FaultError) return faultSentence(error.code, error.detail);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { isAlive, type ProcessIdentity } from '../../deploy/local/processes.js';

const ends = new Set<() => void>();

/**
 * Sees to it that a process that was started for a measurement or a test is gone when this one is, however this one ends: a benchmark that
 * broke off left brokers behind, which slowed all that was measured after it.
 */
export function endsWithUs(one: ProcessIdentity): void {
  onEnd(() => {
    if (isAlive(one)) process.kill(one.pid, 'SIGKILL');
  });
}

/** Calls `end` when this process ends, however that is. */
export function onEnd(end: () => void): void {
  if (ends.size === 0)
    process.once('exit', () => {
      for (const one of ends) one();
    });
  ends.add(end);
}

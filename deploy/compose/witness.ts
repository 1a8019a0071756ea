import { setTimeout as pause } from 'node:timers/promises';

/*
 * `witness.js <ledger> <arguments of khidi witness serve>`: asks the ledger for the key of its log, which it makes at its first
 * start, and becomes a witness of that log. It waits until the ledger answers. A member of a real instance is told the key by the
 * operator and compares it.
 */
const [ledger = '', ...args] = process.argv.slice(2);
process.argv.splice(2, process.argv.length, 'witness', 'serve', ...args, '--log', await logKey());
await import('../../apps/cli/src/main.js');

async function logKey(): Promise<string> {
  for (;;) {
    const answer = await fetch(`${ledger}/v1/log`, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined); // it starts
    if (answer?.ok === true) return ((await answer.json()) as { vkey: string }).vkey;
    await pause(1000);
  }
}

/*
 * `witness.js <ledger> <arguments of khidi witness serve>`: asks the ledger for the key of its log, which it makes at its first
 * start, and becomes a witness of that log. A member of a real instance is told the key by the operator and compares it.
 */
const [ledger = '', ...args] = process.argv.slice(2);
const answer = await fetch(`${ledger}/v1/log`, { signal: AbortSignal.timeout(10_000) });
const { vkey } = (await answer.json()) as { vkey: string };
process.argv.splice(2, process.argv.length, 'witness', 'serve', ...args, '--log', vkey);
await import('../../apps/cli/src/main.js');

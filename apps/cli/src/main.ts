import { CommanderError } from 'commander';
import { FAULTS, FaultError, faultSentence } from '#faults';
import { CliError, EXIT } from './exit.js';
import { note } from './output.js';
import { program } from './program.js';

// `khidi consume … | head -1`: a reader that has seen enough is no mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

try {
  const khidi = program();
  for (const command of [khidi, ...khidi.commands, ...khidi.commands.flatMap((c) => c.commands)]) command.exitOverride();
  await khidi.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

/** Says in one sentence what went wrong; only a defect of ours shows where it happened. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // commander has said it already
  if (error instanceof CliError) {
    note(error.message);
    return error.status;
  }
  if (error instanceof FaultError) {
    note(faultSentence(error.code, error.detail));
    return FAULTS[error.code].status === 503 ? EXIT.unreachable : EXIT.no;
  }
  note(error instanceof Error ? (error.stack ?? error.name) : 'an unknown error');
  return EXIT.no;
}

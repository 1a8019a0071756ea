/** The exit statuses of every command; `khidi --help` documents them. */
export const EXIT = {
  /** All is well; all envelopes hold; all records were accepted. */
  ok: 0,
  /** The answer is no: something was refused, does not hold, does not exist. */
  no: 1,
  /** The command was not understood, or a file that it names cannot be read. */
  usage: 2,
  /** A service or Kafka did not answer. */
  unreachable: 3,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one sentence on standard error. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly status: ExitStatus,
    sentence: string,
  ) {
    super(sentence);
  }
}

import type { FetchedRun, ReadOptions, StreamTransport } from '#stream';

/** Reads one partition for as long as `finished` is open. Rejects where reading failed. */
export async function readUntil(
  transport: Pick<StreamTransport, 'read'>,
  options: ReadOptions,
  onRun: (run: FetchedRun) => void,
  finished: Promise<void>,
): Promise<void> {
  const reader = transport.read(options, async (run) => onRun(run));
  try {
    await Promise.race([finished, reader.done]);
  } finally {
    await reader.stop();
  }
}

import { type Checkpoint, decodeLeaf, type Leaf, type NoteKey, openCheckpoint } from '#evidence';
import { FaultError } from '#faults';
import type { Logger } from '#telemetry';
import { checkLog } from './log/check-log.js';
import type { LogEnd } from './log/grow.js';
import type { LogFiles } from './log/log-files.js';
import type { CommittedState } from './state/committed-state.js';
import { firstState, type LedgerState } from './state/ledger-state.js';
import type { LeafKeys } from './store/leaf-keys.js';

/** What the ledger must have open before it may sign anything. */
export interface LedgerParts {
  readonly files: LogFiles;
  readonly keys: LeafKeys;
  readonly state: CommittedState;
  readonly key: NoteKey;
  readonly log: Logger;
  /** Go on with files of which Kafka knows nothing. */
  readonly adopt: boolean;
}

/**
 * Compares the three memories of the log: what was decided (Kafka), what was signed (the checkpoint file) and the entries
 * themselves, which are all read and hashed again. Throws LOG_DIFFERS where they do not agree, for example because yesterday's
 * files were put back, and LOG_STATE_MISSING where there is a log that Kafka does not know. Then nothing is signed.
 */
export async function openLedger(parts: LedgerParts): Promise<{ readonly end: LogEnd; readonly decided: LedgerState }> {
  const { files, state, key, log } = parts;
  const signed = await signedBefore(files, key);
  const decided = state.current ?? adopted(parts, signed);
  const { checkpoint } = decided;
  if (signed !== undefined && signed.size > checkpoint.size) {
    throw new FaultError('LOG_DIFFERS', `${signed.size} leaves are signed, but only ${checkpoint.size} were decided`);
  }
  const index = await indexer(parts.keys, checkpoint.size, log);
  const end = await checkLog(files, checkpoint, index);
  if (signed?.size === checkpoint.size && !signed.root.equals(checkpoint.root)) {
    throw new FaultError('LOG_DIFFERS', `another root was signed at ${signed.size}`);
  }
  log.info('the log holds', { origin: key.name, leaves: checkpoint.size, root: checkpoint.root.toString('base64') });
  return { end, decided };
}

async function signedBefore(files: LogFiles, key: NoteKey): Promise<Checkpoint | undefined> {
  const note = await files.readCheckpoint();
  if (note === undefined) return undefined;
  const signed = openCheckpoint(note, key);
  if (signed === undefined) throw new FaultError('LOG_DIFFERS', 'the checkpoint file is not signed by this log');
  return signed;
}

function adopted({ key, adopt, log }: LedgerParts, signed: Checkpoint | undefined): LedgerState {
  const first = firstState(key.name);
  if (signed === undefined || signed.size === 0) return first;
  if (!adopt) throw new FaultError('LOG_STATE_MISSING', `${signed.size} leaves of ${key.name}`);
  log.warn('the log goes on with another Kafka', { origin: key.name, leaves: signed.size });
  return { ...first, checkpoint: { origin: signed.origin, size: signed.size, root: signed.root } };
}

/** Adds to the index what it lacks while the entries are read anyway; one that says more than the log is made anew. */
async function indexer(keys: LeafKeys, size: number, log: Logger) {
  let known = await keys.size();
  if (known > size) {
    log.warn('the index of leaves is made anew', { knew: known, leaves: size });
    await keys.clear();
    known = 0;
  }
  return async (first: number, entries: readonly Buffer[]): Promise<void> => {
    if (first + entries.length <= known) return;
    await keys.add(first, entries.map(leafOf));
  };
}

function leafOf(entry: Buffer): Leaf {
  const leaf = decodeLeaf(entry);
  if (leaf === undefined) throw new FaultError('LOG_DIFFERS', 'an entry is no leaf');
  return leaf;
}

import type { NoteSigner } from '#evidence';
import type { DeadLetterSeal, StreamClient, TopicPlan } from '#stream';
import type { Logger } from '#telemetry';
import { FollowLog } from './index/follow-log.js';
import type { LeafIndex } from './index/leaf-index.js';
import { rebuildFile } from './index/open-index.js';
import { Inputs } from './inputs.js';
import type { ReceiptSigner } from './keys/ledger-keys.js';
import type { SealingKeys } from './keys/sealing-keys.js';
import { LogFiles } from './log/log-files.js';
import { lockLog } from './log/log-lock.js';
import { LogReader } from './log-reader.js';
import type { LedgerObserver } from './observe.js';
import { openLedger } from './open-ledger.js';
import { Publication } from './publication.js';
import { Sequencer } from './sequencer.js';
import { openState } from './state/committed-state.js';
import type { Chunk } from './steps/judge-chunk.js';
import { readChunk } from './steps/read-chunk.js';
import { LeafKeys } from './store/leaf-keys.js';
import { Stamping, type StampingOptions } from './timestamps/stamping.js';
import { Cosigning, type CosigningOptions } from './witnesses/cosigning.js';

/** What a ledger is made of. */
export interface LedgerOptions {
  readonly service: string;
  /** Encrypts the bodies of dead letters; absent: they stay as they are. */
  readonly seal?: DeadLetterSeal | undefined;
  /** The member that seals. */
  readonly issuer: string;
  readonly client: StreamClient;
  readonly plan: () => TopicPlan;
  readonly signer: NoteSigner;
  readonly receiptKey: ReceiptSigner;
  /** Whose envelopes get leaves. */
  readonly sealingKeys: SealingKeys;
  readonly stamps: Pick<StampingOptions, 'url' | 'everySeconds'>;
  readonly logFolder: string;
  readonly storeFolder: string;
  /** Go on with files of which Kafka knows nothing. */
  readonly adopt: boolean;
  readonly chunkRecords: number;
  /** Opens the SQL index, where there is one. */
  readonly openIndex?: () => Promise<LeafIndex>;
  readonly log: Logger;
  readonly observe: LedgerObserver;
  readonly witnesses: Pick<CosigningOptions, 'policyFile' | 'windowSeconds' | 'observe'>;
  readonly now: () => Date;
  /** Told when the ledger cannot go on. */
  readonly onCrash: (error: unknown) => void;
}

/** A ledger that works. */
export interface Ledger {
  readonly reader: LogReader;
  /** Named answers to what keeps it from working. */
  readonly checks: Readonly<Record<'kafka' | 'log' | 'witnesses', () => boolean>>;
  close(): Promise<void>;
}

/**
 * Opens the log, proves it, publishes its checkpoint and begins to read. Throws what keeps it from signing: LOG_FENCED where
 * another process has its folder, LOG_DIFFERS, LOG_STATE_MISSING, and what Kafka, disk and key give.
 */
export async function startLedger(options: LedgerOptions): Promise<Ledger> {
  const { client, plan, signer, log, onCrash, adopt } = options;
  const lock = await lockLog(options.logFolder);
  const files = new LogFiles(options.logFolder);
  const keys = await LeafKeys.open(options.storeFolder);
  const state = await openState(client, signer.key.name);
  const publication = new Publication(files, signer);
  const follow = (open: () => Promise<LeafIndex>) =>
    new FollowLog({
      open,
      files,
      size: () => publication.checkpoint?.size ?? 0,
      client,
      plan,
      rebuildFile: rebuildFile(options.storeFolder),
      log,
      observe: (size) => options.observe.indexed(size),
    });
  const release = async (): Promise<void> => {
    await state.close();
    await keys.close();
    await lock.release();
  };
  try {
    const { end, decided } = await openLedger({ files, keys, state, key: signer.key, log, adopt });
    await publication.publish(decided.checkpoint);
    options.observe.integrated([], publication.checkpoint?.size ?? 0, options.now().getTime()); // how large it is is known before the next record
    const read = (chunk: Chunk) => readChunk(chunk, options);
    const inputs = new Inputs({ client, plan, marks: decided.marks, read, log, onCrash });
    const cosigning = new Cosigning({ ...options.witnesses, files, publication, log, now: options.now });
    await cosigning.start();
    const stamping = new Stamping({ ...options.stamps, files, publication, log });
    stamping.start();
    const index = options.openIndex === undefined ? undefined : follow(options.openIndex);
    const gate = () => cosigning.open();
    const sequencer = new Sequencer({ ...options, inputs, files, keys, state, publication, gate }, end, decided);
    await inputs.start();
    index?.start();
    const working = sequencer.run();
    working.catch(onCrash);
    return {
      reader: new LogReader(files, keys, publication, signer.key, {
        ...options,
        policyLines: () => cosigning.policyLines(),
        index: () => index?.index(),
      }),
      checks: {
        kafka: () => state.ready(),
        log: () => sequencer.ready() && inputs.ready(),
        witnesses: () => cosigning.left() !== 0,
      },
      async close() {
        sequencer.stop();
        await cosigning.stop();
        await stamping.stop();
        await index?.stop();
        await inputs.stop();
        await working.catch(() => undefined); // told to onCrash
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

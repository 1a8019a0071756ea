import { ACT_TOPICS, actLeaf } from '#evidence';
import type { SealingKeys } from '../keys/sealing-keys.js';
import type { LedgerObserver } from '../observe.js';
import type { Chunk, ReadChunk } from './judge-chunk.js';
import { lostExchange } from './lost-exchange.js';
import { readRefusals } from './read-outcomes.js';
import { readSealed } from './read-sealed.js';

/** What reading a chunk takes. */
export interface ReadingDesk {
  /** The member that seals. */
  readonly issuer: string;
  readonly sealingKeys: SealingKeys;
  readonly observe: Pick<LedgerObserver, 'step'>;
}

/** What a chunk says, record by record. Rejects while it is not known which keys there are. */
export async function readChunk(chunk: Chunk, { issuer, sealingKeys, observe }: ReadingDesk): Promise<ReadChunk> {
  const { topic, records } = chunk;
  const stop = observe.step('read');
  try {
    if (topic.startsWith('sealed.')) {
      const drafts = await readSealed(records, issuer, sealingKeys);
      const lost = records.flatMap((record, i) => {
        const read = drafts[i];
        const one = typeof read === 'string' ? lostExchange(record, read, issuer) : undefined;
        return one === undefined ? [] : [[record, one] as const];
      });
      return { ...chunk, sealed: true, drafts, lost: new Map(lost) };
    }
    const isAct = Object.hasOwn(ACT_TOPICS, topic);
    const drafts = records.map((record) => (isAct ? [actLeaf(record)] : (readRefusals(record) ?? 'LOG_INPUT')));
    return { ...chunk, sealed: false, drafts, lost: new Map() };
  } finally {
    stop();
  }
}

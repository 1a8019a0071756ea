const ends = new WeakMap<object, bigint>();

/** Remembers the last offset that the batches read into `records` cover, also where compaction has left no record there. */
export const noteFetchEnd = (records: object, lastOffset: bigint): void => {
  ends.set(records, lastOffset);
};

/** The last offset covered by the batches that were read into `records`; undefined where nobody noted it. */
export const fetchEndOf = (records: object): bigint | undefined => ends.get(records);

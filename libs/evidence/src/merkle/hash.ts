import { hash } from 'node:crypto';

/** Bytes of a hash of the tree. */
export const HASH_BYTES = 32;

/** The root of a tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1). */
export const EMPTY_ROOT: Buffer = Buffer.from(hash('sha256', '', 'hex'), 'hex');

const LEAF_PREFIX = Buffer.from([0]);
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** The hash of a leaf: SHA-256 over a zero byte and the entry. */
export function leafHash(entry: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', Buffer.concat([LEAF_PREFIX, entry]), 'binary'), 'binary');
}

/** The hash of an inner node: SHA-256 over a one byte and both children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1); // one scratch buffer: nothing here waits, so nobody else can be using it
  pair.set(right, 1 + HASH_BYTES);
  return Buffer.from(hash('sha256', pair, 'binary'), 'binary');
}

/**
 * The Merkle tree hash over hashes that stand side by side (RFC 6962 section 2.1). All but the last must cover the same number
 * of leaves, and the last no more than that. An empty list gives the root of the empty tree.
 */
export function foldHashes(hashes: readonly Buffer[]): Buffer {
  let row = hashes;
  while (row.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(at(row, i), at(row, i + 1)));
    if (row.length % 2 === 1) above.push(at(row, row.length - 1)); // a single last node rises as it is
    row = above;
  }
  return row[0] ?? EMPTY_ROOT;
}

function at(row: readonly Buffer[], i: number): Buffer {
  const found = row[i];
  if (found === undefined) throw new RangeError('there is no such hash');
  return found;
}

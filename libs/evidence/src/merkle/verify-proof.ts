import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './hash.js';

/** No tree that a number can count has a longer path. */
export const MAX_PROOF_HASHES = 63;

/**
 * Whether `leaf` (a leaf hash) stands at `index` of the tree that has `size` leaves and this root (RFC 9162 section 2.1.3.2).
 * `start` makes it a subtree that begins there and ends before `end`.
 */
export function verifyInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
  root: Buffer,
  start = 0,
): boolean {
  if (!isSubtree(start, size) || !Number.isSafeInteger(index) || index < start || index >= size) return false;
  if (leaf.length !== HASH_BYTES || !areHashes(proof)) return false;
  let node = index - start;
  let last = size - start - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && hash.equals(root);
}

/**
 * Whether the tree of `newSize` leaves and `newRoot` begins with the tree of `oldSize` leaves and `oldRoot` (RFC 9162 section
 * 2.1.4.2). There is no proof from nothing: whoever knows only the empty tree need not ask.
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  proof: readonly Buffer[],
  oldRoot: Buffer,
  newRoot: Buffer,
): boolean {
  return continues(0, oldSize, newSize, proof, oldRoot, newRoot);
}

/**
 * Whether the leaves from `start` up to `end` of the tree of `size` leaves and `root` have the hash `subtree` (the subtree proofs
 * that tlog-witness builds on). The empty subtree is part of every tree.
 */
export function verifySubtree(
  start: number,
  end: number,
  size: number,
  proof: readonly Buffer[],
  subtree: Buffer,
  root: Buffer,
): boolean {
  if (start === end) return end <= size && proof.length === 0 && subtree.equals(EMPTY_ROOT);
  return continues(start, end, size, proof, subtree, root);
}

function continues(
  start: number,
  oldSize: number,
  newSize: number,
  proof: readonly Buffer[],
  oldRoot: Buffer,
  newRoot: Buffer,
): boolean {
  if (!isSubtree(start, oldSize) || !Number.isSafeInteger(newSize) || oldSize > newSize || !areHashes(proof)) return false;
  let from = start;
  let node = oldSize - 1;
  let last = newSize - 1;
  const shift = (): void => {
    from = half(from);
    node = half(node);
    last = half(last);
  };
  if (node === last) while (from !== node) shift();
  else while (from !== node && isOdd(node)) shift();

  const [first, ...rest] = from === node ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let older = first;
  let newer = first;
  for (const hash of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      if (from < node) older = nodeHash(hash, older);
      newer = nodeHash(hash, newer);
      while (!isOdd(node) && node !== 0) shift();
    } else {
      newer = nodeHash(newer, hash);
    }
    shift();
  }
  return last === 0 && older.equals(oldRoot) && newer.equals(newRoot);
}

/** A subtree begins at a multiple of the smallest power of two that holds it. */
function isSubtree(start: number, end: number): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start >= end) return false;
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0;
}

const areHashes = (proof: readonly Buffer[]): boolean =>
  proof.length <= MAX_PROOF_HASHES && proof.every((hash) => hash.length === HASH_BYTES);
const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyConsistency, verifyInclusion, verifySubtree } from '#evidence';
import { sharedFolder } from '../shared-folder.js';

/** One case of a folder; which members it has depends on the folder. Roots and proofs may be null. */
interface Case {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly size1: number;
  readonly size2: number;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly leafHash: string | null;
  readonly root: string | null;
  readonly root1: string | null;
  readonly root2: string | null;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

const bytes = (text: string | null): Buffer => Buffer.from(text ?? '', 'base64');
const proofOf = ({ proof }: Case): Buffer[] => (proof ?? []).map(bytes);

const JUDGES: Readonly<Record<string, (c: Case) => boolean>> = {
  inclusion: (c) => verifyInclusion(bytes(c.leafHash), c.leafIdx, c.treeSize, proofOf(c), bytes(c.root)),
  consistency: (c) => verifyConsistency(c.size1, c.size2, proofOf(c), bytes(c.root1), bytes(c.root2)),
  subtreeinclusion: (c) => verifyInclusion(bytes(c.leafHash), c.leafIdx, c.end, proofOf(c), bytes(c.root), c.start),
  subtreeconsistency: (c) => verifySubtree(c.start, c.end, c.size, proofOf(c), bytes(c.root1), bytes(c.root2)),
};

const folder = sharedFolder('vectors', 'merkle');

(folder === undefined ? describe.skip : describe)('the Merkle vectors of transparency-dev', () => {
  it.each(Object.entries(JUDGES))('%s proofs hold exactly where they should', (kind, holds) => {
    const files = readdirSync(join(folder ?? '', kind), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.json'));
    const wrong = files.filter((file) => {
      const one = JSON.parse(readFileSync(join(folder ?? '', kind, file), 'utf8')) as Case;
      return holds(one) === one.wantErr;
    });
    process.stdout.write(`Merkle vectors, ${kind}: ${files.length - wrong.length} of ${files.length}\n`);
    expect(files.length).toBeGreaterThan(90);
    expect(wrong).toEqual([]);
  });
});

import {
  checkpointNote,
  consistencyProof,
  ed25519Signer,
  judgeAddCheckpoint,
  leafHash,
  type NoteSigner,
  newEd25519Key,
  type SignedCheckpoint,
  signCheckpoint,
  type Tile,
  TreeEdge,
  type WitnessAnswer,
  writeAddCheckpoint,
} from '../index.js';

const ORIGIN = 'log.test/a';
const newSigner = (name: string): NoteSigner => ed25519Signer(name, 'note', newEd25519Key());
const log = newSigner(ORIGIN);

/** A log of so many entries; with `fork` they are others from the third on. */
async function treeOf(size: number, { fork = false, signer = log, origin = ORIGIN } = {}): Promise<SignedCheckpoint> {
  return signCheckpoint({ origin, size, root: edgeOf(size, fork).root() }, signer);
}

function edgeOf(size: number, fork = false): TreeEdge {
  const edge = TreeEdge.empty();
  for (let i = 0; i < size; i += 1) edge.append(leafHash(Buffer.from(fork && i > 1 ? `other ${i}` : `entry ${i}`)));
  return edge;
}

const proof = (old: number, size: number, fork = false): Promise<Buffer[]> =>
  consistencyProof(async ({ width }: Tile) => Buffer.concat(edgeOf(size, fork).row(0)).subarray(0, width * 32), old, size);

/** What a witness answers that has cosigned `known`. */
function ask(known: SignedCheckpoint | undefined, old: number, path: Buffer[], next: SignedCheckpoint): WitnessAnswer {
  const body = writeAddCheckpoint({ old, proof: path, checkpoint: checkpointNote(next) });
  return judgeAddCheckpoint(body, [log.key], (origin) => (origin === ORIGIN ? known : undefined));
}

describe('when a log asks a witness', () => {
  it('its first checkpoint is cosigned without a proof', async () => {
    expect(ask(undefined, 0, [], await treeOf(5))).toMatchObject({ status: 200, checkpoint: { size: 5 } });
  });

  it('a tree that continues the last one is cosigned', async () => {
    expect(ask(await treeOf(5), 5, await proof(5, 9), await treeOf(9)).status).toBe(200);
  });

  it('the same tree is cosigned again', async () => {
    expect(ask(await treeOf(5), 5, [], await treeOf(5)).status).toBe(200);
  });

  it('a fork is refused with 422, also with its own proof', async () => {
    const known = await treeOf(5);
    expect(ask(known, 5, await proof(5, 9, true), await treeOf(9, { fork: true })).status).toBe(422);
    expect(ask(known, 5, await proof(5, 9), await treeOf(9, { fork: true })).status).toBe(422);
    expect(ask(known, 5, [], await treeOf(5, { fork: true })).status).toBe(422);
  });

  it('a rollback is refused with 409 and the size that is known', async () => {
    expect(ask(await treeOf(9), 5, [], await treeOf(5))).toEqual({ status: 409, size: 9 });
    expect(ask(await treeOf(9), 0, [], await treeOf(12))).toEqual({ status: 409, size: 9 });
  });

  it('an old size above the new one is refused with 400', async () => {
    expect(ask(await treeOf(9), 9, [], await treeOf(5)).status).toBe(400);
  });

  it('a proof where none belongs is refused with 422', async () => {
    expect(ask(undefined, 0, await proof(5, 9), await treeOf(9)).status).toBe(422);
  });

  it('an unknown log gets 404, and a known one without a valid signature 403', async () => {
    const stranger = await treeOf(5, { signer: newSigner('log.test/b'), origin: 'log.test/b' });
    expect(ask(undefined, 0, [], stranger).status).toBe(404);
    expect(ask(undefined, 0, [], await treeOf(5, { signer: newSigner(ORIGIN) })).status).toBe(403);
    const forged = await treeOf(5);
    const signature = forged.note.lines[0]?.signature;
    signature?.writeUInt8(signature.readUInt8(3) ^ 1, 3);
    expect(ask(undefined, 0, [], forged).status).toBe(403);
  });

  it.each(['', 'old 1', 'old 01\n\nx', 'old 0\nAAAA\n\nx', 'new 0\n\nx', 'old 0\n\nno checkpoint\n'])(
    '%j is refused with 400',
    (body) => {
      expect(judgeAddCheckpoint(body, [log.key], () => undefined)).toEqual({ status: 400 });
    },
  );
});

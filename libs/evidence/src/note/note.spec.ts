import {
  type Checkpoint,
  checkpointNote,
  cosign,
  cosigners,
  ed25519Signer,
  leafHash,
  type NoteSigner,
  newEd25519Key,
  openCheckpoint,
  readCheckpointText,
  readNote,
  readPolicy,
  readTlogProof,
  readVkey,
  type SignatureType,
  signCheckpoint,
  TreeEdge,
  verifyTlogProof,
  writeNote,
  writeTlogProof,
} from '../index.js';

const signer = (name: string, type: SignatureType): NoteSigner => ed25519Signer(name, type, newEd25519Key());

const EXAMPLE_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const EXAMPLE_NOTE =
  'This is an example message.\n\n' +
  '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

const ONE_LEAF: Checkpoint = { origin: 'log.test/a', size: 1, root: leafHash(Buffer.from('entry')) };

describe("when the specification's own note is read", () => {
  it('holds with its verifier key', () => {
    const key = readVkey(EXAMPLE_VKEY);
    const note = readNote(EXAMPLE_NOTE);
    expect(key?.verify(Buffer.from(note?.text ?? ''), note?.lines[0]?.signature ?? Buffer.alloc(0))).toBe(true);
    expect(key?.keyId).toEqual(note?.lines[0]?.keyId);
    expect(note === undefined ? '' : writeNote(note.text, note.lines)).toBe(EXAMPLE_NOTE);
  });

  it.each([
    ['another key id', EXAMPLE_VKEY.replace('530d903a', '530d903b')],
    ['another name', EXAMPLE_VKEY.replace('foo', 'bar')],
    ['a key that is too short', EXAMPLE_VKEY.slice(0, -4)],
    ['no key', ''],
  ])('refuses a verifier key with %s', (_, vkey) => {
    expect(readVkey(vkey)).toBeUndefined();
  });

  it.each([
    ['no blank line', EXAMPLE_NOTE.replace('\n\n', '\n')],
    ['no final newline', EXAMPLE_NOTE.slice(0, -1)],
    ['a control character', EXAMPLE_NOTE.replace('This', 'Th\u0007s')],
    ['a hyphen for the dash', EXAMPLE_NOTE.replace('—', '-')],
    ['spare bits', EXAMPLE_NOTE.replace('aQM=', 'aQN=')],
  ])('refuses a note with %s', (_, note) => {
    expect(readNote(note)).toBeUndefined();
  });
});

describe('when a checkpoint is opened', () => {
  it('says what the log signed', async () => {
    const log = signer('log.test/a', 'note');
    const note = checkpointNote(await signCheckpoint(ONE_LEAF, log));
    expect(openCheckpoint(note, log.key)).toMatchObject(ONE_LEAF);
  });

  it('is refused with the key of another log of the same name', async () => {
    const note = checkpointNote(await signCheckpoint(ONE_LEAF, signer('log.test/a', 'note')));
    expect(openCheckpoint(note, signer('log.test/a', 'note').key)).toBeUndefined();
  });

  it('is refused after a single change', async () => {
    const log = signer('log.test/a', 'note');
    const note = checkpointNote(await signCheckpoint(ONE_LEAF, log));
    expect(openCheckpoint(note.replace('\n1\n', '\n2\n'), log.key)).toBeUndefined();
  });

  it.each(['a\n01\n', 'a\n-1\n', 'a\n1e3\n', '\n1\n', 'a\n99999999999999999\n'])('is refused where it begins with %j', (head) => {
    expect(readCheckpointText(`${head}${ONE_LEAF.root.toString('base64')}\n`)).toBeUndefined();
  });
});

describe('when a policy asks for two of three witnesses', () => {
  const log = signer('log.test/a', 'note');
  const witnesses = ['w1', 'w2', 'w3'].map((name) => signer(`witness.test/${name}`, 'cosignature'));
  const lines = witnesses.map(({ key }, i) => `witness w${i + 1} ${key.vkey} http://127.0.0.1:${i + 1}`);
  const text = ['# members', `log ${log.key.vkey}`, '', ...lines, 'group members 2 w1 w2 w3', 'quorum members'].join('\n');
  const read = readPolicy(text);
  const policy = 'policy' in read ? read.policy : undefined;
  const proofBy = async (...who: NoteSigner[]): Promise<string> => {
    const edge = TreeEdge.empty();
    edge.append(leafHash(Buffer.from('entry')));
    const { note } = await signCheckpoint({ ...ONE_LEAF, root: edge.root() }, log);
    const cosignatures = await Promise.all(who.map((one) => cosign(note.text, 1_800_000_000, one)));
    return writeTlogProof({ index: 0, path: [], checkpoint: writeNote(note.text, [...note.lines, ...cosignatures]) });
  };
  const verdict = async (text: string, entry = 'entry') => {
    const proof = readTlogProof(text);
    if (proof === undefined || policy === undefined) throw new Error('not read');
    return verifyTlogProof(proof, Buffer.from(entry), policy);
  };

  it('a proof with two of them holds, and says when they saw it', async () => {
    const answer = await verdict(await proofBy(witnesses[0]!, witnesses[2]!));
    expect(answer.ok && [...answer.cosigned]).toEqual([
      ['w1', 1_800_000_000],
      ['w3', 1_800_000_000],
    ]);
  });

  it('a proof with one of them twice does not', async () => {
    expect(await verdict(await proofBy(witnesses[0]!, witnesses[0]!))).toEqual({ ok: false, wrong: 'quorum' });
  });

  it('a stranger counts for nothing', async () => {
    const stranger = signer('witness.test/w2', 'cosignature');
    expect(await verdict(await proofBy(witnesses[0]!, stranger))).toEqual({ ok: false, wrong: 'quorum' });
  });

  it('another entry is not what was proven', async () => {
    expect(await verdict(await proofBy(witnesses[0]!, witnesses[1]!), 'other')).toEqual({ ok: false, wrong: 'inclusion' });
  });

  it('a cosignature of another time does not hold', async () => {
    const { note } = await signCheckpoint(ONE_LEAF, log);
    const line = await cosign(note.text, 5, witnesses[0]!);
    line.signature.writeBigUInt64BE(6n);
    expect(policy === undefined ? undefined : cosigners(policy, note.text, [line]).size).toBe(0);
  });

  it.each([
    ['a quorum of nobody', 'quorum members', 'quorum strangers'],
    ['a group that asks for four', 'group members 2', 'group members 4'],
    ['a member twice', 'w1 w2 w3', 'w1 w1 w3'],
    ['a second quorum', 'quorum members', 'quorum members\nquorum none'],
    ['no quorum', 'quorum members', ''],
    ['an unknown line', '# members', 'members'],
  ])('a policy with %s is refused', (_, before, after) => {
    expect(readPolicy(text.replace(before, after))).toHaveProperty('mistakes');
  });
});

describe('when a proof is malformed', () => {
  it.each([
    '',
    'c2sp.org/tlog-proof@v2\nindex 0\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 00\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 0\nAA==\n\nx',
  ])('is refused: %j', (text) => {
    expect(readTlogProof(text)).toBeUndefined();
  });
});

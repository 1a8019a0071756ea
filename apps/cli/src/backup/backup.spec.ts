import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { firstKey, generateSealingKey, writeKeyRecord } from '#envelope';
import {
  bundlePath,
  checkpointNote,
  ed25519Signer,
  encodeBundle,
  leafHash,
  newEd25519Key,
  signCheckpoint,
  TILE_WIDTH,
  TreeEdge,
} from '#evidence';
import type { MemberId } from '#record';
import { readMembers, Secret } from '#settings';
import { planTopics, type TopicPlan } from '#stream';
import { memoryStream } from '#testkit';
import { collect, truths } from './collect.js';
import { readEntry, writeEntry } from './entry.js';
import { openParts, verifyParts, writeParts } from './parts.js';
import { factsOfPlace, restore } from './restore.js';

// Each sealed file costs a tenth of a second of scrypt, and more on a busy machine.
jest.setTimeout(60_000);

const PASSPHRASE = new Secret('a passphrase of a backup');
const NOW = new Date('2099-01-01T00:00:00Z');
const ISS = 'GE/GOV/0001' as MemberId;
const LEAVES = 300; // more than one tile
const plan: TopicPlan = planTopics(
  JSON.parse(readFileSync('deploy/kafka/topics.json', 'utf8')),
  readMembers('deploy/local/members.json'),
);
const key = firstKey(generateSealingKey(NOW), ISS, 'file', { by: 'nino', at: NOW, why: 'first' });

let folder: string;
let log: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khidi-backup-'));
  log = join(folder, 'log');
  mkdirSync(join(folder, 'keys'));
  writeFileSync(join(folder, 'keys', 'salt.json'), 'sealed');
  await writeLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function writeLog(): Promise<void> {
  const edge = TreeEdge.empty();
  const entries = Array.from({ length: LEAVES }, (_, i) => Buffer.from(`entry ${i}`));
  for (const entry of entries) edge.append(leafHash(entry));
  const file = (path: string, content: Buffer | string) => {
    mkdirSync(dirname(join(log, path)), { recursive: true });
    writeFileSync(join(log, path), content);
  };
  file(bundlePath(0, TILE_WIDTH), encodeBundle(entries.slice(0, TILE_WIDTH)));
  file(bundlePath(1, LEAVES - TILE_WIDTH), encodeBundle(entries.slice(TILE_WIDTH)));
  file('tile/0/000', 'hashes');
  const signer = ed25519Signer('khidi.invalid/log', 'note', newEd25519Key());
  const checkpoint = { origin: 'khidi.invalid/log', size: LEAVES, root: edge.root() };
  file('checkpoint', checkpointNote(await signCheckpoint(checkpoint, signer)));
}

function instance() {
  const client = memoryStream(plan);
  client.append(
    { topic: 'keys', key: key.kid, value: writeKeyRecord(key), headers: { 'content-type': 'application/json' } },
    { topic: 'epochs', key: 'pseudonym', value: Buffer.from('{"fingerprint":"f"}'), headers: {} },
    { topic: 'audit', key: 'key', value: Buffer.from('{"kind":"key"}'), headers: {} },
    { topic: 'sealed.population.person', key: 'p', value: Buffer.from('an envelope'), headers: {} },
    { topic: 'ledger', key: 'l', value: Buffer.from('marks'), headers: {} },
  );
  return client;
}

const source = (client = instance()) => ({
  client,
  plan,
  keysFolder: join(folder, 'keys'),
  logFolder: log,
  config: { 'members.json': 'deploy/local/members.json' },
});
const target = (name: string, client = memoryStream({ ...plan, topics: [] })) => ({
  client,
  plan,
  folders: { keys: join(folder, name, 'keys'), log: join(folder, name, 'log'), config: join(folder, name, 'config') },
});
const backup = (...names: string[]) => join(...names);
const create = () => writeParts(backup(folder, 'backup'), collect(source()), PASSPHRASE, NOW);

describe('when an instance is backed up', () => {
  it('holds what cannot be made again, and nothing else', async () => {
    expect(truths(plan).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['schemas', 'keys', 'epochs', 'audit', 'schema-audit']),
    );
    expect(truths(plan).filter(({ role }) => ['ingress', 'validated', 'sealed', 'outcomes', 'ledger'].includes(role))).toEqual(
      [],
    );
    const facts = await create();
    expect(facts).toMatchObject({ schemas: 0, keys: { [key.kid]: key.state }, log: { size: LEAVES }, records: 3, files: 6 });
    expect(verifyParts(openParts(backup(folder, 'backup'), PASSPHRASE))).toEqual(facts);
  });

  it('shows nothing of it without the passphrase', async () => {
    await create();
    for (const name of readdirSync(backup(folder, 'backup')))
      expect(readFileSync(backup(folder, 'backup', name), 'utf8')).not.toMatch(/entry 1|fingerprint|GE\/GOV/);
    expect(() => openParts(backup(folder, 'backup'), new Secret('another passphrase'))).toThrow(
      expect.objectContaining({ code: 'KEY_FILE_UNREADABLE' }),
    );
  });

  it('is refused where the entries of the log are not those of its checkpoint', async () => {
    writeFileSync(
      join(log, bundlePath(1, LEAVES - TILE_WIDTH)),
      encodeBundle(Array.from({ length: 44 }, () => Buffer.from('x'))),
    );
    await expect(create()).rejects.toThrow('another root');
    rmSync(join(log, bundlePath(1, LEAVES - TILE_WIDTH)));
    rmSync(backup(folder, 'backup'), { recursive: true });
    await expect(create()).rejects.toThrow('256');
  });

  it('is never written over another one', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ status: 2 });
  });
});

describe('when a backup is restored into an empty place', () => {
  it('gives the same log head, schemas and key states, and the same bytes', async () => {
    const facts = await create();
    const place = target('second');
    await restore(openParts(backup(folder, 'backup'), PASSPHRASE).entries(), place);
    const again = await factsOfPlace(
      collect({ client: place.client, plan, keysFolder: place.folders.keys, logFolder: place.folders.log, config: {} }),
    );
    expect(again).toEqual({ facts: { ...facts, files: facts.files - 1 }, flaw: undefined }); // the members file is config
    expect(readFileSync(join(place.folders.keys, 'salt.json'), 'utf8')).toBe('sealed');
    expect(place.client.records('keys').map(({ value }) => String(value))).toEqual([String(writeKeyRecord(key))]);
  });

  it('is refused where a folder or a topic has something in it, before anything is written', async () => {
    await create();
    const entries = () => openParts(backup(folder, 'backup'), PASSPHRASE).entries();
    await expect(restore(entries(), target('third', instance()))).rejects.toThrow('is not empty');
    const place = target('fourth');
    mkdirSync(place.folders.keys, { recursive: true });
    writeFileSync(join(place.folders.keys, 'other'), 'x');
    await expect(restore(entries(), place)).rejects.toThrow('is not empty');
    expect(readdirSync(join(folder, 'fourth'))).toEqual(['keys']);
  });
});

describe('when a backup was changed', () => {
  it.each(['manifest', 'part-000000'])('does not open with a changed %s', async (name) => {
    await create();
    const file = backup(folder, 'backup', name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/("content":".{40})(.)/, (_, head: string, one: string) => `${head}${one === 'A' ? 'B' : 'A'}`),
    );
    expect(() => verifyParts(openParts(backup(folder, 'backup'), PASSPHRASE))).toThrow();
  });

  it('does not take the part of another backup', async () => {
    await create();
    await writeParts(backup(folder, 'other'), collect(source(memoryStream(plan))), PASSPHRASE, NOW);
    writeFileSync(backup(folder, 'backup', 'part-000000'), readFileSync(backup(folder, 'other', 'part-000000')));
    expect(() => verifyParts(openParts(backup(folder, 'backup'), PASSPHRASE))).toThrow('another backup');
  });
});

describe('an entry', () => {
  it('is read as it was written, and never leads out of its folder', () => {
    const file = { kind: 'file', path: 'keys/a/b.json', content: Buffer.from([0, 255]) } as const;
    expect(readEntry(writeEntry(file))).toEqual(file);
    for (const path of ['keys/../x', '/keys/x', 'keys', 'other/x', 'keys//x', 'keys/./x', 'keys\\x/y', 'log/../../x'])
      expect(readEntry(writeEntry({ ...file, path }))).toBeUndefined();
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followFile } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'khidi-followed-'));
const path = join(folder, 'callers.json');
afterAll(() => rmSync(folder, { recursive: true }));

const read = (file: string): { secret: string } => JSON.parse(readFileSync(file, 'utf8')) as { secret: string };
function follow() {
  const mistakes: unknown[] = [];
  const file = followFile(path, read, { onMistake: (error) => mistakes.push(error) });
  return { file, mistakes };
}

it('takes a changed secret without a restart', async () => {
  writeFileSync(path, '{"secret":"old"}');
  const { file } = follow();
  writeFileSync(path, '{"secret":"new"}');
  await file.look();
  expect(file.current()).toEqual({ secret: 'new' });
  file.close();
});

it('keeps the last good version while a file is half written, and tells once', async () => {
  writeFileSync(path, '{"secret":"old"}');
  const { file, mistakes } = follow();
  writeFileSync(path, '{"secret":');
  await file.look();
  await file.look();
  expect([file.current(), mistakes.length]).toEqual([{ secret: 'old' }, 1]);
  file.close();
});

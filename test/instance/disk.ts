import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TMPFS = 'size=64m';

/** Puts a small file system of its own under a folder, which can be filled. False, and a line that says so, where that is not allowed. */
export function mounted(place: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', TMPFS, 'tmpfs', place], { stdio: 'pipe' });
    return true;
  } catch {
    process.stdout.write('skipped: no right to mount a small file system, so no disk is filled\n');
    return false;
  }
}

/** Takes all room of the file system on which `file` lies. */
export function fillDisk(file: string): void {
  const block = Buffer.alloc(1024 * 1024, 1);
  try {
    for (;;) writeFileSync(file, block, { flag: 'a' }); // of the last block as much as there is room for
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Makes the files of `from` those of `to`. The folder itself may be a mount, which stays. */
export function putBack(from: string, to: string): void {
  for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true });
  cpSync(from, to, { recursive: true });
}

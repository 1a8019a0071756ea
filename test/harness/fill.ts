import { writeFileSync } from 'node:fs';

/** Takes all room of a file system. */
export function fill(file: string): void {
  try {
    for (const size of [1024 * 1024, 4096, 1]) fillWith(file, Buffer.alloc(size, 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function fillWith(file: string, block: Buffer): void {
  for (;;) writeFileSync(file, block, { flag: 'a' });
}

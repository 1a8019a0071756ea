import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file in one step that survives a power cut: afterwards it has the new content, and before that all of the old one. */
export async function replaceFile(path: string, content: Buffer | string, mode = 0o644): Promise<void> {
  const draft = `${path}.tmp`;
  const file = await open(draft, 'w', mode);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync(); // makes the new name itself survive
  } finally {
    await folder.close();
  }
}

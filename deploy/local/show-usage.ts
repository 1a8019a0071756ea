import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PERSONS } from './demo-agreements.js';
import { khidi } from './khidi.js';
import { print } from './print.js';
import type { State } from './state.js';

const PATIENCE_MS = 20_000;

/** Who received the data of this person, as the person is told. The identifier goes through a file, as `khidi` wants it. */
export async function showUsage(state: State, person: string): Promise<void> {
  const file = join(state.folder, 'demonstration', 'citizen.txt');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${person}\n`, { mode: 0o600 });
  const args = ['citizen', 'usage', '--type', PERSONS, '--identifier-file', file, '--why', 'demonstration', '-o', 'json'];
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(500)) {
    // 1 and 3 while the index is still being read.
    const { stdout, exitCode } = await khidi(state.folder, args, undefined, [0, 1, 3]);
    const { usages } = exitCode === 0 ? (JSON.parse(stdout) as { usages: readonly Usage[] }) : { usages: [] };
    if (usages.length === 0) continue;
    console.log('What the person whose record it is is told when asking who received it (khidi citizen usage):');
    print(
      usages
        .slice(0, 3)
        .map(({ logtime, action, receiverName = '', receiverSystem }) => [logtime, action, receiverName, receiverSystem]),
    );
    return;
  }
}

interface Usage {
  readonly logtime: string;
  readonly action: string;
  readonly receiverName?: string;
  readonly receiverSystem: string;
}

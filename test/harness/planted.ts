import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

/** A defect that is planted into a copy of the built services, and what must find it. */
export interface Plant {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly from: RegExp; readonly to: string }[];
  readonly scenario: string;
  /** Numbers of which at least one must not be 0. */
  readonly finds: readonly string[];
}

export const PLANTS: readonly Plant[] = [
  {
    name: 'the offset is committed before the records are written',
    edits: [
      {
        file: 'libs/stream/src/pipeline.js',
        from: /writes: await producer\.prepare\(records\),/,
        to:
          'writes: { commit: async ({ consumed, beforeCommit }) => { await (await producer.prepare([])).commit({ consumed }); ' +
          'beforeCommit(); await (await producer.prepare(records)).commit(); } },',
      },
    ],
    scenario: 'kill-validation',
    finds: ['lost'],
  },
  {
    name: 'nobody looks whether an id was there before',
    edits: [
      { file: 'apps/validation/src/judge-records.js', from: /switch\(seen\)/, to: "switch(seen === undefined ? seen : 'new')" },
      {
        file: 'apps/ledger/src/steps/judge-chunk.js',
        from: /return this\.found\.get\(nameOf\(draft\)\);/,
        to: 'return undefined;',
      },
    ],
    scenario: 'poison',
    finds: ['twice'],
  },
  {
    name: 'every change has the same number',
    edits: [
      { file: 'apps/signing/src/steps/read-validated.js', from: /Number\.isSafeInteger\(seq\) \? seq :/, to: 'seq >= 0 ? 1 :' },
    ],
    scenario: 'poison',
    finds: ['misordered'],
  },
  {
    name: 'the memory of what is written is given to others before it is committed',
    edits: [
      {
        file: 'libs/stream/src/kafkajs/producer.adapter.js',
        from: /const packed = await core\.pack\(records, slabs\.take\)\.catch\(rethrow\);/,
        to: '$& slabs.giveBack();',
      },
    ],
    scenario: 'poison',
    finds: ['lost', 'twice', 'altered'],
  },
];

/** The built code with the edits of a plant. Throws where one does not fit the code any more. */
export function edited(plant: Plant, read: (file: string) => string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { file, from, to } of plant.edits) {
    const before = files.get(file) ?? read(file);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`the defect "${plant.name}" does not fit ${file} any more`);
    files.set(file, after);
  }
  return files;
}

/** Plants each of the defects and requires the harness to find it. Gives the names of those that it did not. */
export async function selfCheck(plants: readonly Plant[], say: (line: string) => void): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const plant of plants) {
    const line = await tryOne(plant, say);
    const found = plant.finds.filter((name) => Number(new RegExp(`\\b${name}=([0-9]+)`).exec(line)?.[1] ?? 0) > 0);
    if (found.length === 0) missed.push(plant.name);
    say(
      `planted: ${plant.name}: ${found.length === 0 ? 'NOT FOUND' : `found by ${plant.scenario} (${found.join(', ')} is not 0)`}`,
    );
  }
  return missed;
}

/** The line of the scenario over the broken build. */
async function tryOne(plant: Plant, say: (line: string) => void): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'khidi-planted-'));
  try {
    cpSync('dist', join(place, 'dist'), { recursive: true });
    cpSync('package.json', join(place, 'package.json'));
    symlinkSync(resolve('node_modules'), join(place, 'node_modules'));
    for (const [file, code] of edited(plant, (name) => readFileSync(join('dist', name), 'utf8')))
      writeFileSync(join(place, 'dist', file), code);
    const program = [resolve('dist/test/harness/disturb.js'), '--only', plant.scenario, '--seed', '2099'];
    const run = await execa(process.execPath, program, {
      env: { KHIDI_FLOW_DIST: join(place, 'dist') },
      reject: false,
      all: true,
    });
    const line = run.all.split('\n').find((one) => one.startsWith(`${plant.scenario}: acked=`)) ?? '';
    say(`  ${line === '' ? run.all : line}`);
    return run.exitCode === 0 ? '' : line;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

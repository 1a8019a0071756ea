import { execa } from 'execa';
import { LOCALITY, localities } from '../../examples/registries/localities.js';
import { inProject } from '../../examples/registries/project-root.js';
import { projectSchema } from '../../examples/registries/project-schema.js';
import { sharedFolder } from '../shared-folder.js';

describe('all places of the world', () => {
  it('have ids of their own and are judged as they expect', () => {
    const schema = projectSchema(LOCALITY);
    const events = new Set<string>();
    const identifiers = new Set<string | undefined>();
    let rejected = 0;
    for (const { id, record, expected } of localities()) {
      events.add(id);
      identifiers.add(record === undefined ? undefined : schema.identifierOf(record));
      const faults = schema.judge(record ?? null);
      if (faults.length > 0) rejected++;
      if ((faults.length === 0) !== (expected.verdict === 'accepted')) throw new Error(`${id} is not judged as expected`);
    }
    process.stdout.write(`localities: ${events.size} ids, ${identifiers.size} identifiers, ${rejected} rejected\n`);
    expect(events.size).toBeGreaterThan(170_000);
    expect(identifiers.size).toBe(events.size);
    expect(rejected).toBe(1);
  });
});

describe('the registers of public bodies', () => {
  it('are accepted and rejected as docs/public-bodies.md says', async () => {
    if (sharedFolder('data', 'public-bodies') === undefined) return;
    // In a process of its own: mapping eleven thousand rows takes many times as long inside jest.
    const { stdout } = await execa(
      process.execPath,
      [inProject('dist/examples/registries/write-public-bodies-page.js'), '--check'],
      {
        env: { KHIDI_SHARED: sharedFolder() ?? '' },
        reject: false,
      },
    );
    expect(stdout).toBe('the page says what was counted');
  }, 300_000);
});

import { dirname } from 'node:path';
import { Command } from 'commander';
import { EXIT } from '../exit.js';
import { requireInstance, type Where } from '../local.js';
import { asJson, asTable, type Format, formatOption, note, write } from '../output.js';

interface DoctorFlags extends Where {
  readonly output: Format;
  readonly bundle?: string;
}

const ORDER = ['ill', 'unknown', 'watch', 'well'] as const;

/** `khidi doctor`: what is wrong with an instance, and what to do next about each thing. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at everything an instance needs, and say what to do next')
    .option(
      '--bundle <file>',
      'also write what others need to help: findings, versions, metrics, log events; no secrets, no records',
    )
    .option('--state <path>', 'the local instance (KHIDI_STATE)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Looked at: Node, disk, memory, clocks, broker, topics against the plan, lag, dead letters, Redis, every service, schemas, keys, the
evidence log and its witnesses, what consumers get, their initial loads. Each by itself: one that fails hides none of the others.

The status is 0 when nothing is ill (what to watch is told), otherwise 1; 3 when there is no instance to look at.

Example:
  $ khidi doctor
  $ khidi doctor -o json --bundle support.json`,
    )
    .action(run);
}

async function run(flags: DoctorFlags): Promise<void> {
  const { CHECKS } = await import('../doctor/checks.js');
  const { examine } = await import('../doctor/examine.js');
  const instance = requireInstance(flags);
  const patient = { instance, folder: dirname(instance.secretsFolder), now: () => new Date() };
  const found = await examine(CHECKS, patient);
  const findings = [...found].sort((a, b) => ORDER.indexOf(a.condition) - ORDER.indexOf(b.condition));
  const count = (condition: (typeof ORDER)[number]) => findings.filter((one) => one.condition === condition).length;
  const counts = Object.fromEntries(ORDER.map((condition) => [condition, count(condition)]));
  if (flags.output === 'json') await write(asJson({ ...counts, findings }));
  else
    await write(
      asTable(
        ['state', 'what', 'seen', 'next'],
        findings.map(({ check, condition, seen, next = '' }) => [condition, check, seen, next]),
      ),
    );
  if (flags.bundle !== undefined) {
    const { writeSupportBundle } = await import('../doctor/bundle.js');
    await writeSupportBundle(flags.bundle, findings, patient);
    note(`${flags.bundle} is written: look through it before you hand it on.`);
  }
  note(ORDER.map((condition) => `${count(condition)} ${condition}`).join(', '));
  if (count('ill') + count('unknown') > 0) process.exitCode = EXIT.no;
}

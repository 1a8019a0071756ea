import { parseArgs } from 'node:util';
import { PLANTS, type Plant } from './planted.js';
import type { Provocation } from './provocation.js';
import { PROVOCATIONS } from './provoke.js';
import type { Scenario } from './scenario.js';

/** What `npm run disturb` was asked for. */
export type Wish =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'alerts'; readonly provocations: readonly Provocation[]; readonly seed: number }
  | { readonly kind: 'soak'; readonly records: number; readonly webhook: boolean; readonly seed: number }
  | { readonly kind: 'self-check'; readonly plants: readonly Plant[] }
  | { readonly kind: 'run'; readonly scenarios: readonly Scenario[]; readonly minutes: number; readonly seed: number };

/** Without a wish each scenario disturbs once. */
const ONCE = 0;
const MOST_RECORDS = 100_000_000;
const MOST_MINUTES = 24 * 60;

export const HELP = `npm run disturb -- [options]

Disturbs the whole way of a record (agencies, adapters, validation, signing, ledger, delivery, two consumers, Kafka, Redis) and counts
what came of every record, with an outside ledger of what was sent as the judge. Ends with 1 where anything was lost or worse.

  --list         the scenarios, and what each does
  --only NAMES   only these, with commas
  --minutes N    round after round, in an order by chance, until N minutes are over: 10 takes some of them, 60 each. Without it
                 each disturbs once
  --seed N       the same order and the same chances again as in a run before
  --soak N       no faults, but N records: memory and open files stay flat, and what services count is what was sent
  --no-webhook   with --soak: without the consumer that wants one request for each record
  --alerts       provokes every alert of deploy/prometheus before a real Prometheus, with shortened windows; --only takes their names
  --self-check   plants four defects into copies of the services, and fails where one is not found
  --help         show this

One line for each scenario:

  acked       records that the door acknowledged      delivered   hand-overs to two consumers, by topic and by webhook
  dead        what a webhook never took and is kept   rejected    spoilt records, refused with a reason
  repeats     harmless repetitions at consumers       unknown     sends without an answer, which were sent again

and all that must be 0: lost, duplicated, misordered, unlogged (no leaf in the evidence log), invented, both (delivered and refused),
altered, unsigned, wrongly (refused though sound, or delivered though spoilt), twice (more than one leaf), forks (of the log),
complaints (gaps at a consumer). "settled" is how long after the faults everything had come out.`;

/** Reads the options. Throws an Error with a sentence for a person. */
export function readWish(args: readonly string[], known: readonly Scenario[], newSeed: () => number): Wish {
  const options = {
    help: { type: 'boolean' as const },
    list: { type: 'boolean' as const },
    only: { type: 'string' as const },
    minutes: { type: 'string' as const },
    seed: { type: 'string' as const },
    alerts: { type: 'boolean' as const },
    soak: { type: 'string' as const },
    'no-webhook': { type: 'boolean' as const },
    'self-check': { type: 'boolean' as const },
  };
  const { values } = parseArgs({ args: [...args], options, strict: true });
  if (values.help === true) return { kind: 'help' };
  if (values.list === true) return { kind: 'list' };
  const names = values.only?.split(',').map((name) => name.trim());
  const seed = values.seed === undefined ? newSeed() : whole(values.seed, '--seed', 2 ** 32 - 1);
  if (values.alerts === true) return { kind: 'alerts', provocations: provocationsOf(names), seed };
  const unknown = names?.filter((name) => !known.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}: --list names them.`);
  if (values['self-check'] === true)
    return { kind: 'self-check', plants: PLANTS.filter(({ scenario }) => names === undefined || names.includes(scenario)) };
  if (values.soak !== undefined)
    return { kind: 'soak', records: whole(values.soak, '--soak', MOST_RECORDS), webhook: values['no-webhook'] !== true, seed };
  return {
    kind: 'run',
    scenarios: known.filter(({ name }) => names === undefined || names.includes(name)),
    minutes: values.minutes === undefined ? ONCE : whole(values.minutes, '--minutes', MOST_MINUTES),
    seed,
  };
}

/** What provokes the alerts of these names; everything where none is given. */
function provocationsOf(names: readonly string[] | undefined): readonly Provocation[] {
  if (names === undefined) return PROVOCATIONS;
  const unknown = names.filter((name) => !PROVOCATIONS.some(({ alerts }) => alerts.includes(name)));
  if (unknown.length > 0) throw new Error(`There is no alert ${unknown.join(', ')}: deploy/prometheus/rules.yml names them.`);
  return PROVOCATIONS.filter(({ alerts }) => alerts.some((name) => names.includes(name)));
}

function whole(text: string, name: string, most: number): number {
  const number = Number(text);
  if (!/^[0-9]+$/.test(text) || number < 1 || number > most) throw new Error(`${name} is a whole number from 1 to ${most}.`);
  return number;
}

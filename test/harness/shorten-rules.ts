/** What a rule compares, and the same for a test; each must stand in the rules. */
const LIMITS: readonly (readonly [string, string])[] = [
  ['{service="validation"}) > 3600', '{service="validation"}) > 20'],
  ['khidi_heartbeat_timestamp_seconds) > 60', 'khidi_heartbeat_timestamp_seconds) > 15'],
  ['khidi_log_witness_window_seconds < 600', 'khidi_log_witness_window_seconds < 10'],
];

/**
 * The rules of `deploy/prometheus` for a test that cannot wait for hours: what looks back over minutes looks back over as many seconds
 * (over five minutes fifteen, since a service whose dependency is away answers a scrape only after two),
 * what must hold for a while must hold for one second, and three limits in seconds are shorter. Everything else is as it was; the long
 * forms are tested by `promtool test rules`. Throws where a limit does not stand in the rules any more.
 */
export function shortenRules(rules: string): string {
  let text = rules
    .replaceAll('[5m]', '[15s]')
    .replaceAll(/\[(\d+)m\]/g, '[$1s]')
    .replaceAll(/\[(\d+)h\]/g, (_, hours: string) => `[${Number(hours) * 60}s]`)
    .replaceAll(/^( +for: ).+$/gm, '$11s');
  for (const [from, to] of LIMITS) {
    if (!text.includes(from)) throw new Error(`the rules do not say "${from}" any more`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** The names of all alerts. */
export const alertsIn = (rules: string): readonly string[] =>
  [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = '']) => name);

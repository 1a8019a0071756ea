import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningPrometheus, startPrometheus, targetOf, targetsOf } from '../disturbance/prometheus-server.js';
import { Ledger } from '../flow/ledger.js';
import { startHeartbeat } from './heartbeat.js';
import type { Provocation, Provoking } from './provocation.js';
import { PROVOCATIONS } from './provoke.js';
import { type Road, startRoad } from './road.js';
import { Senders } from './senders.js';
import { alertsIn, shortenRules } from './shorten-rules.js';

/** How long an alert is waited for, once it is provoked. */
const PATIENCE_SECONDS = 45;

/**
 * Provokes each alert of `deploy/prometheus` on a road that a real Prometheus watches, and prints which has fired and which not. The
 * rules are those of the project, shortened by one function. Gives the names of alerts that did not fire.
 */
export async function seeAlerts(
  wanted: readonly Provocation[],
  random: () => number,
  say: (line: string) => void,
): Promise<readonly string[]> {
  const road = await startRoad('alerts');
  const heartbeat = await startHeartbeat(road.instance);
  let prometheus: RunningPrometheus | undefined;
  const ledger = new Ledger(join(road.instance.folder, 'ledger-alerts'));
  const senders = new Senders(road, ledger, random);
  try {
    const targets = [...targetsOf(road.instance), targetOf('delivery', road.delivery), targetOf('heartbeat', heartbeat)];
    prometheus = await startPrometheus(road.instance.folder, targets, (text, file) =>
      file === 'rules'
        ? shortenRules(text)
        : text
            .replace('scrape_interval: 5s', 'scrape_interval: 1s')
            .replace('scrape_timeout: 4s', 'scrape_timeout: 1s')
            .replace('evaluation_interval: 5s', 'evaluation_interval: 1s'),
    );
    const watch = new Watch(prometheus.url);
    await provokeAll(road, wanted, { senders, watch, say, prometheus });
    await watch.stop();
    const provoked = wanted.flatMap(({ alerts }) => alerts);
    const all = alertsIn(readFileSync('deploy/prometheus/rules.yml', 'utf8'));
    const names = wanted === PROVOCATIONS ? all : provoked;
    for (const name of names) say(`${watch.fired.has(name) ? 'fired    ' : 'NOT FIRED'} ${name}`);
    const silent = names.filter((name) => !watch.fired.has(name));
    say(`alerts: fired=${names.length - silent.length} of ${names.length}, windows shortened`);
    return silent;
  } finally {
    await senders.stop();
    prometheus?.stop();
    await heartbeat.stop();
    ledger.close();
    await road.stop();
  }
}

async function provokeAll(
  road: Road,
  wanted: readonly Provocation[],
  {
    senders,
    watch,
    say,
    prometheus,
  }: { senders: Senders; watch: Watch; say: (line: string) => void; prometheus: RunningPrometheus },
): Promise<void> {
  for (const { alerts, what, provoke } of wanted) {
    say(`  ${what}`);
    const tools: Provoking = {
      senders,
      pause: async (ms) => void (await pause(ms)),
      watch: (kind, service) => prometheus.add(targetOf(kind, service)),
      fired: async (seconds = PATIENCE_SECONDS) => {
        for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(200))
          if (alerts.every((name) => watch.fired.has(name))) return;
      },
    };
    try {
      await provoke(road, tools);
    } catch (error) {
      say(`  ${alerts.join(', ')}: ${error instanceof Error ? error.message : String(error)}`);
    }
    await senders.stop();
    const silent = alerts.filter((name) => !watch.fired.has(name));
    if (silent.length > 0) say(`  did not fire: ${silent.join(', ')}`);
  }
}

/** Remembers every alert that was seen firing. */
class Watch {
  readonly fired = new Set<string>();
  #over = false;
  readonly #watching: Promise<void>;

  constructor(private readonly url: string) {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    for (; !this.#over; await pause(300)) {
      const answer = (await (await fetch(`${this.url}/api/v1/alerts`)).json()) as {
        data: { alerts: readonly { state: string; labels: { alertname: string } }[] };
      };
      for (const { state, labels } of answer.data.alerts) if (state === 'firing') this.fired.add(labels.alertname);
    }
  }
}

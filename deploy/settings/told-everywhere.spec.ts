import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SERVICES } from './all-settings.js';

/** A way of running the services, and which variables it tells one of them. */
type Way = 'compose' | 'helm' | 'systemd';

const read = (...path: string[]) => readFileSync(join('deploy', ...path), 'utf8');
const VARIABLE = /\b(?:KHIDI|KAFKA|REDIS|DATABASE|OTEL)_[A-Z0-9_]+\b/g;
const namesIn = (text: string): readonly string[] => (text.match(VARIABLE) ?? []).map((name) => name.replace(/_FILE$/, ''));

const COMPOSE = parse(read('compose', 'compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, { readonly command?: readonly string[]; readonly environment?: object }>>;
};
/** One part for each service: all up to the line that opens its door. */
const CHART = read('helm', 'khidi', 'templates', 'services.yaml').split(/\{\{ include "khidi\.door" \$\w+ \}\}/);
const CHART_KNOWN = /\$known\b(?! :?=)/;
const CHART_DEAD = /\$dead\b(?! :?=)/;
const HELPERS = ['_helpers.tpl', '_door.tpl'].map((file) => read('helm', 'khidi', 'templates', file)).join('\n');
/** What the chart takes as a reference to a Secret, for any service. */
const SECRET_ENV = (
  JSON.parse(read('helm', 'khidi', 'values.schema.json')) as {
    readonly properties: {
      readonly secretEnv: { readonly items: { readonly properties: { readonly name: { readonly enum: readonly string[] } } } };
    };
  }
).properties.secretEnv.items.properties.name.enum;
/** What stands in the files that the units read, by the steps that a person follows. */
const STEPS = /^## systemd[\s\S]*?(?=^## )/m.exec(read('README.md'))?.[0] ?? '';

const TOLD: Readonly<Record<Way, (service: string) => ReadonlySet<string>>> = {
  compose: (service) =>
    new Set(
      Object.values(COMPOSE.services)
        .filter(({ command }) => command?.[0] === `dist/apps/${service}/src/main.js`)
        .flatMap(({ environment }) => namesIn(Object.keys(environment ?? {}).join(' '))),
    ),
  helm(service) {
    const part = CHART.find((one) => one.includes(`"program" "${service}"`)) ?? '';
    return new Set([
      ...namesIn(part),
      ...namesIn(HELPERS),
      ...SECRET_ENV,
      ...(CHART_KNOWN.test(part) ? ['KHIDI_CONFIGURATION_ANCHOR'] : []),
      ...(CHART_DEAD.test(part) ? ['KHIDI_DEAD_LETTER_KEY'] : []),
    ]);
  },
  systemd: (service) =>
    new Set([
      ...namesIn(read('systemd', `khidi-${service}${service === 'agency-adapter' ? '@' : ''}.service`)),
      ...namesIn(STEPS),
    ]),
};
const WAYS = Object.keys(TOLD) as readonly Way[];

/** What only some ways tell, to every service or to one, and why that is right. */
const ONLY: Readonly<Record<string, string>> = {
  KHIDI_HOST: 'in a container the door is not on loopback',
  KHIDI_KEY_PENDING_SECONDS: 'an evaluation does not wait a day for a new key',
  KHIDI_WEBHOOK_PRIVATE: 'the webhook of an evaluation is on this machine',
  KHIDI_WEBHOOK_ATTEMPTS: 'who evaluates waits for nothing',
  KHIDI_WEBHOOK_PAUSE_MS: 'who evaluates waits for nothing',
  KHIDI_WEBHOOK_LONGEST_SECONDS: 'who evaluates waits for nothing',
  KHIDI_PORTALS: 'an evaluation has no portal',
  KHIDI_PKCS11_PIN: 'an evaluation keeps its keys in files',
  KHIDI_REDIS_PASSWORD: 'an adapter asks Redis only for a quota, which an evaluation does not have',
  DATABASE_URL: 'an evaluation has its indexes in the process, or none',
  'agency-adapter REDIS_URL': 'an adapter asks Redis only for a quota, which an evaluation does not have',
  'schema-registry KHIDI_CONFIGURATION_ANCHOR': 'the registry of an evaluation lets every member of its file take part',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'an evaluation has no collector',
  KHIDI_HTTP_CERT: 'the doors of an evaluation are published on this machine alone',
  KHIDI_HTTP_KEY: 'the same',
};
const isExcused = (service: string, name: string): boolean => [name, `${service} ${name}`].some((key) => key in ONLY);
/** Commands of the CLI: their options are in each way's own test. */
const COMMANDS = ['witness', 'heartbeat'];
const APPS = Object.keys(SERVICES).filter((service) => !COMMANDS.includes(service));

describe('when a service needs a setting', () => {
  it.each(APPS)('%s is told by every way of running it what one of them tells, or there is a reason', (service) => {
    const told = WAYS.map((way) => [way, TOLD[way](service)] as const);
    const missing = Object.values(SERVICES[service] ?? {}).flatMap(({ name }) => {
      if (isExcused(service, name) || told.every(([, names]) => !names.has(name))) return [];
      return told.filter(([, names]) => !names.has(name)).map(([way]) => `${way} does not tell ${name}`);
    });
    expect(missing).toEqual([]);
  });

  it.each(APPS)('%s can be told each of its secrets, and what it must have, in some way', (service) => {
    const needed = Object.values(SERVICES[service] ?? {}).filter(
      ({ fallback, optional, fromFile }) => fromFile === true || (fallback === undefined && optional !== true),
    );
    const untold = needed.filter(({ name }) => !WAYS.some((way) => TOLD[way](service).has(name))).map(({ name }) => name);
    expect(untold).toEqual([]);
  });

  it('has no reason that is not needed any more', () => {
    const partly = APPS.flatMap((service) =>
      Object.values(SERVICES[service] ?? {})
        .map(({ name }) => name)
        .filter((name) => {
          const ways = WAYS.filter((way) => TOLD[way](service).has(name)).length;
          return ways > 0 && ways < WAYS.length;
        })
        .flatMap((name) => [name, `${service} ${name}`]),
    );
    expect(Object.keys(ONLY).filter((key) => !partly.includes(key))).toEqual([]);
  });
});

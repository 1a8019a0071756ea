import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readMembers } from '#settings';
import { accessPlan } from '../local/access.js';
import { brokerProperties } from '../local/kafka.js';
import { REDIS_USER, usersOf } from '../local/redis.js';
import { ROOT } from '../local/root.js';
import { secretsFolder } from '../local/secrets.js';
import { planServices } from '../local/service-plan.js';
import { requiredBy, variablesOf } from '../settings/all-settings.js';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: object;
  readonly healthcheck?: object;
  readonly read_only?: boolean;
  readonly user?: string;
}

const compose = parse(readFileSync(join('deploy', 'compose', 'compose.yaml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const ours = Object.entries(compose.services).filter(([, { image = '' }]) => image.startsWith('khidi:'));
const running = ours.filter(([name]) => !['certificates', 'setup', 'schemas', 'members'].includes(name));
const membersFile = join(ROOT, 'deploy', 'local', 'members.json');
const topicsFile = join(ROOT, 'deploy', 'kafka', 'topics.json');
const kindOf = (name: string) => name.replace(/-ge-gov-\d+$/, '');
const dockerfile = readFileSync(join('deploy', 'docker', 'Dockerfile'), 'utf8');

describe('the file of compose', () => {
  it('publishes ports on loopback only, each once', () => {
    const ports = Object.values(compose.services).flatMap(({ ports: published = [] }) => published);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:8080$/.test(port))).toEqual([]);
    expect(new Set(ports).size).toBe(ports.length);
    expect(ports.length).toBe(running.length);
  });

  it.each(ours)('starts %s with a program that the build makes', (_, { command = [] }) => {
    const [program = ''] = command;
    expect(program).toMatch(/^dist\/.*\.js$/);
    expect(existsSync(program.replace(/^dist\//, '').replace(/\.js$/, '.ts'))).toBe(true);
  });

  it.each(running)('gives %s only what it reads, all that it must have, and a health check', (name, service) => {
    const set = Object.keys(service.environment ?? {});
    expect(set.filter((variable) => !variablesOf(kindOf(name)).includes(variable))).toEqual([]);
    expect(requiredBy(kindOf(name)).filter((variable) => !set.includes(variable))).toEqual([]);
    expect(service.healthcheck).toBeDefined();
  });

  it.each(ours)('runs %s without root and with a root that cannot be written', (_, service) => {
    expect([service.read_only, service.user]).toEqual([true, 'node']);
  });

  it('starts the services that npm run up starts, with the same settings', () => {
    const folder = mkdtempSync(join(tmpdir(), 'khidi-compose-'));
    try {
      const servers = { brokers: ['kafka:9092'], redisUrl: 'redis://khidi@redis:6379' };
      const secrets = secretsFolder(folder);
      const instance = {
        version: 1,
        ...servers,
        membersFile,
        topicsFile,
        secretsFolder: secrets,
        redisPasswordFile: join(secrets, 'redis.password'),
        services: [],
        ports: {},
        kafkaTls: {
          ca: '/var/lib/khidi/tls/ca.pem',
          cert: '/var/lib/khidi/tls/<principal>.pem',
          key: '/var/lib/khidi/tls/<principal>.key',
        },
      } as const;
      const inImage = (value: string) =>
        value
          .replace(folder, '/var/lib/khidi')
          .replace(ROOT, '/khidi')
          .replace(/^http:\/\/127\.0\.0\.1:18082$/, 'http://validation:8080');
      const planned = planServices(folder, instance, readMembers(membersFile)).map(({ name, env }) => [
        name.toLowerCase(),
        {
          ...Object.fromEntries(Object.entries(env).map(([variable, value]) => [variable, inImage(value)])),
          KHIDI_LOG_LEVEL: 'info',
          KHIDI_HOST: '0.0.0.0',
          KHIDI_PORT: '8080',
        },
      ]);
      const composed = running.filter(([name]) => !name.startsWith('witness-') && name !== 'heartbeat');
      expect(Object.fromEntries(composed.map(([name, { environment }]) => [name, environment]))).toEqual(
        Object.fromEntries(planned),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('lets nobody use Redis without the password that only its user has', () => {
    const { redis, certificates } = compose.services;
    const [guard = ''] = redis?.volumes?.filter((volume) => volume.startsWith('redis-guard:')) ?? [];
    const [, folder = '', mode] = guard.split(':');
    expect([redis?.command?.slice(-2), mode]).toEqual([['--aclfile', `${folder}/users.acl`], 'ro']);
    expect(certificates?.volumes).toContain(`redis-guard:${folder}`);
    expect(dockerfile).toContain(folder);
    const urls = Object.values(compose.services).flatMap(({ environment: { REDIS_URL } = {} }) => REDIS_URL ?? []);
    expect(new Set(urls)).toEqual(new Set([`redis://${REDIS_USER}@redis:6379`]));
    expect(usersOf({ user: REDIS_USER, passwordHash: 'hash' })).toEqual([
      'user default off',
      expect.stringMatching(/^user khidi on #hash ~/),
    ]);
  });

  it('follows the heartbeat of a subsystem there is, whose schema is registered before', () => {
    const { command = [], depends_on: after = {} } = compose.services.heartbeat ?? {};
    const option = (name: string) => command[command.indexOf(name) + 1] ?? '';
    const { operator, members } = readMembers(membersFile);
    const sender = members.find(({ subsystems }) => subsystems.some((id) => id === option('--as')));
    expect(sender?.publishes).toContain('operations.heartbeat');
    expect(option('--issuer')).toBe(operator);
    expect(option('--secret-file')).toBe(
      `/var/lib/khidi/secrets/${option('--as')
        .replace(/\/([a-z-]+)$/, '.$1')
        .replaceAll('/', '-')}.secret`,
    );
    expect(Object.keys(after)).toEqual(expect.arrayContaining(['schemas', 'members']));
    const hosts = [option('--adapter'), option('--ledger')].map((url) => new URL(url).hostname);
    expect(hosts.filter((host) => !(host in compose.services))).toEqual([]);
  });

  it('configures Kafka as npm run up does, but for addresses and folders', () => {
    const { administrators } = accessPlan({ membersFile, topicsFile });
    const stores = { keystore: '/var/lib/khidi-kafka/keystore.pem', truststore: '/var/lib/khidi-kafka/ca.pem' };
    const closed = { ...stores, administrators };
    const properties = brokerProperties({ folder: '/', jars: '/', port: 1, controllerPort: 2, closed }).trim().split('\n');
    const wanted = properties
      .filter((line) => !/^(controller\.quorum\.voters|listeners|advertised\.listeners|log\.dirs)=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
      .map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value.replaceAll('$', '$$$$')]); // `$` means a variable there
    expect(compose.services.kafka?.environment).toMatchObject(Object.fromEntries(wanted));
    const pom = readFileSync(join('deploy', 'local', 'kafka', 'pom.xml'), 'utf8');
    expect(pom).toContain(`<version>${compose.services.kafka?.image?.split(':')[1]}</version>`);
  });
});

describe('the image', () => {
  it('has a command for every service there is, and its head names them', () => {
    const apps = readdirSync('apps').filter((app) => app !== 'cli');
    const programs = running.map(([, { command: [program = ''] = [] }]) => program);
    expect(apps.filter((app) => !programs.includes(`dist/apps/${app}/src/main.js`))).toEqual([]);
    const head = dockerfile.slice(0, dockerfile.indexOf('ARG'));
    expect([...apps, 'heartbeat', 'witness'].filter((name) => !head.includes(name))).toEqual([]);
  });

  it('copies only what there is, and never takes development dependencies along', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) => from.split(' '));
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
    expect(dockerfile).toMatch(/npm ci --omit=dev --ignore-scripts/);
    expect(dockerfile.slice(dockerfile.lastIndexOf('FROM'))).toMatch(/^USER node$/m);
  });
});

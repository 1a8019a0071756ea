/**
 * The first step of every command of this project. It runs before node_modules exist, so it is plain JavaScript without
 * dependencies: it checks Node, installs the locked packages, builds, and hands over to `dist/deploy/local/<task>.js`.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const TASKS = ['up', 'down', 'test', 'check', 'bench', 'disturb', 'bundle'];
const LEAST_NODE = [20, 20];

/** Says one sentence and ends: what is missing is not a defect, so there is no stack trace. */
function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  stop(`Node ${LEAST_NODE.join('.')} or newer is needed, this is ${process.versions.node}: get one from https://nodejs.org.`);
}

/**
 * True when node_modules hold what package-lock.json asks for. Compares versions, not times: a checkout touches files
 * without changing them, and an install that was interrupted leaves no hidden lock file.
 */
function packagesAreInstalled() {
  const hidden = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    return found === undefined ? optional === true || devOptional === true : found.version === version;
  });
}

/** Runs a command whose output only matters when it fails, and tells every few seconds that it is still at work. */
async function step(title, command, args, options = {}) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const live = process.stdout.isTTY === true;
  const tell = () => process.stdout.write(live ? `\r  ${title} … ${seconds()} s` : `  ${title} … ${seconds()} s\n`);
  tell();
  const ticker = setInterval(tell, live ? 1000 : 15_000);
  const { code, output } = await run(command, args, options);
  clearInterval(ticker);
  process.stdout.write(`${live ? '\r\u001b[K' : ''}${code === 0 ? '✔' : '✖'} ${title} (${seconds()} s)\n`);
  if (code !== 0) stop(`${output}\n${title} failed (${command} ${args.join(' ')} ended with ${code}).`);
}

function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const keep = (text) => {
      output = (output + text).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => resolve({ code: error.code ?? 'an error', output }));
    child.on('close', (code, signal) => resolve({ code: signal ?? code, output }));
  });
}

/**
 * Kafka's jars come from Maven while npm is at work, since both mostly wait for the network. Only a head start: what is
 * missing afterwards is resolved, or explained, by `maven.ts`.
 */
function fetchKafkaMeanwhile(task) {
  const needed = task === 'up' || task === 'test' || task === 'bench' || task === 'disturb';
  if (!needed || process.env.KAFKA_BROKERS || existsSync(join(ROOT, '.khidi', 'kafka', 'libs'))) return Promise.resolve();
  return run('mvn', ['-B', '-q', '-f', join(ROOT, 'deploy', 'local', 'kafka', 'pom.xml')], {});
}

async function install(task) {
  if (packagesAreInstalled()) return;
  const kafka = fetchKafkaMeanwhile(task);
  await step('Installing the locked npm packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  await kafka;
}

/** swc is called by its file, since `npx` costs half a second. Old output is left: running services may still read it. */
const build = () =>
  step('Building', process.execPath, [
    join(ROOT, 'node_modules', '@swc', 'cli', 'bin', 'swc.js'),
    ...['apps', 'libs', 'deploy', 'test', 'examples', '-d', 'dist', '--quiet'],
  ]);

/** Ends with the task's own exit status. Ctrl-C reaches the task through the terminal, so it is not sent a second time. */
function handOver(task, args) {
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const child = spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'dist', 'deploy', 'local', `${task}.js`), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  child.on('close', (code, signal) => process.exit(signal === null ? code : 1));
}

const [task, ...args] = process.argv.slice(2);
checkNode();
if (!TASKS.includes(task)) stop(`One of these tasks is needed: ${TASKS.join(', ')}.`);
const built = existsSync(join(ROOT, 'dist', 'deploy', 'local', 'down.js'));
if (task === 'down' && !built && !existsSync(join(ROOT, '.khidi', 'state.json'))) {
  process.stdout.write('Nothing was started from this folder.\n');
} else {
  if (task !== 'down' || !built) {
    await install(task);
    await build();
  }
  handOver(task, args);
}

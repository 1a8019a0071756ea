import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../local/root.js';

/** The libs that the verifier consists of, and its front door. */
const PARTS = ['libs/faults', 'libs/record', 'libs/canonical', 'libs/envelope', 'deploy/verifier/index'];
const wanted = (path: string): boolean => PARTS.some((part) => path.startsWith(part)) && !/\.spec\.|fixture/.test(path);

/**
 * Makes the npm package of the verifier in `folder` and packs it there; gives the path of the tarball. It is the compiled code of
 * the libs as they stand, with `#lib` imports written out, so that nothing is there twice and nothing can differ.
 */
export function packVerifier(folder: string): string {
  const types = mkdtempSync(join(tmpdir(), 'khidi-types-'));
  try {
    writeTypes(types);
    rmSync(folder, { recursive: true, force: true });
    for (const root of [join(ROOT, 'dist'), types]) copy(root, folder);
  } finally {
    rmSync(types, { recursive: true, force: true });
  }
  cpSync(join(ROOT, 'deploy', 'verifier', 'README.md'), join(folder, 'README.md'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`);
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename = '' } = {}] = JSON.parse(packed) as { filename?: string }[];
  return join(folder, filename);
}

/** Declarations of exactly what the front door reaches. */
function writeTypes(folder: string): void {
  const config = join(folder, 'tsconfig.json');
  const options = { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: folder, rootDir: ROOT, types: ['node'] };
  const typeRoots = [join(ROOT, 'node_modules', '@types')];
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { ...options, typeRoots, paths: { '#*': [join(ROOT, 'libs/*/src/index.ts')] } },
      include: [],
      files: [join(ROOT, 'deploy', 'verifier', 'index.ts')],
    }),
  );
  execFileSync(process.execPath, [join(ROOT, 'node_modules', 'typescript7', 'bin', 'tsc'), '-p', config], { stdio: 'inherit' });
}

function copy(root: string, folder: string): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name);
    const path = relative(root, from).split(sep).join('/');
    if (!entry.isFile() || !wanted(path) || !/\.(js|d\.ts)$/.test(path)) continue;
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, writtenOut(readFileSync(from, 'utf8'), to, folder));
  }
}

/** `#record` becomes the path of that lib's front door. */
function writtenOut(code: string, at: string, folder: string): string {
  return code.replace(/(["'])#([a-z]+)\1/g, (_, quote: string, lib: string) => {
    const path = relative(dirname(at), join(folder, 'libs', lib, 'src', 'index.js'))
      .split(sep)
      .join('/');
    return `${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
}

function manifest(): object {
  const { version, license, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  const front = './deploy/verifier/index';
  return {
    name: 'khidi-verifier',
    version,
    description: 'Checks envelopes of Khidi with nothing but the published keys',
    license,
    type: 'module',
    engines,
    exports: { '.': { types: `${front}.d.ts`, default: `${front}.js` } },
    files: ['libs', 'deploy', 'README.md'],
    sideEffects: false,
  };
}

const [, script = '', folder] = process.argv;
if (resolve(script) === fileURLToPath(import.meta.url) && folder !== undefined) {
  process.stdout.write(`${packVerifier(resolve(folder))}\n`);
}

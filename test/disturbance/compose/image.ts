import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { execa } from 'execa';

/** What the last stage of a Dockerfile gives. */
export interface Image {
  /** The folder that stands for its working directory. */
  readonly folder: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  /** Folders that it makes for volumes, with their modes. */
  readonly folders: ReadonlyMap<string, number>;
}

interface Stage {
  readonly folder: string;
  workdir: string;
}

/**
 * Carries out the lines of a Dockerfile without Docker: each stage is a folder below `into`, COPY and RUN are done there with this
 * machine's Node in the place of the base image's. Throws for an instruction that it does not know, and for a source that
 * `.dockerignore` would not let in.
 */
export async function buildImage(dockerfile: string, into: string): Promise<Image> {
  const allowed = allowedBy(readFileSync(`${dockerfile}.dockerignore`, 'utf8'));
  const stages = new Map<string, Stage>();
  const folders = new Map<string, number>();
  const env: Record<string, string> = {};
  let entrypoint: string[] = [];
  let stage: Stage = { folder: '', workdir: '/' };
  for (const line of instructionsOf(readFileSync(dockerfile, 'utf8'))) {
    const [, instruction = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    switch (instruction) {
      case 'FROM': {
        const name = / AS (\S+)$/.exec(rest)?.[1] ?? 'image';
        stage = { folder: join(into, name), workdir: '/' };
        mkdirSync(stage.folder, { recursive: true });
        stages.set(name, stage);
        break;
      }
      case 'WORKDIR':
        stage.workdir = rest;
        break;
      case 'COPY':
        copy(stage, rest, stages, allowed);
        break;
      case 'RUN':
        for (const made of foldersOf(rest)) folders.set(...made);
        if (foldersOf(rest).length === 0) await execa('sh', ['-c', rest], { cwd: stage.folder });
        break;
      case 'ENV':
        for (const [, name = '', value = ''] of rest.matchAll(/(\S+?)=(\S+)/g)) env[name] = value;
        break;
      case 'ENTRYPOINT':
        entrypoint = JSON.parse(rest) as string[];
        break;
      case 'ARG':
      case 'USER':
      case 'CMD':
        break;
      default:
        throw new Error(`no idea what ${instruction} does`);
    }
  }
  return { folder: stage.folder, workdir: stage.workdir, env, entrypoint, folders };
}

const instructionsOf = (text: string): string[] =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));

/** `install -d -o … -m MODE PATH …` */
function foldersOf(run: string): [string, number][] {
  const [, mode, paths] = /^install -d .*-m (\d+) (.+)$/.exec(run) ?? [];
  return (paths ?? '')
    .split(' ')
    .flatMap((path): [string, number][] => (path === '' ? [] : [[path, Number.parseInt(mode ?? '', 8)]]));
}

function copy(stage: Stage, rest: string, stages: ReadonlyMap<string, Stage>, allowed: (path: string) => boolean): void {
  const [, from, list = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
  const names = list.split(' ');
  const target = names.pop() ?? '';
  const other = from === undefined ? undefined : stages.get(from);
  if (from !== undefined && other === undefined) throw new Error(`there is no stage ${from}`);
  for (const name of names) {
    const source = other === undefined ? name : join(other.folder, relative(other.workdir, name));
    if (other === undefined && !allowed(name)) throw new Error(`.dockerignore does not let ${name} in`);
    const isInto =
      names.length > 1 || target.endsWith('/') || (existsSync(source) && statSync(source).isFile() && target === './');
    const to = join(stage.folder, target, isInto ? basename(source) : '');
    const isOurs = (path: string) => other !== undefined || (!path.includes('node_modules') && !path.endsWith('.spec.ts'));
    cpSync(source, to, { recursive: true, filter: isOurs });
  }
}

/** What begins with one of the lines that `.dockerignore` excepts from "nothing". */
function allowedBy(ignore: string): (path: string) => boolean {
  const lines = ignore.split('\n').filter((line) => line !== '');
  if (lines[0] !== '**') throw new Error('.dockerignore begins with what shuts everything out');
  const excepted = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  return (path) => excepted.some((one) => path === one || path.startsWith(`${one}/`) || one.startsWith(`${path}/`));
}

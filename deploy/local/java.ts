import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { isExecutable, onPath, type Tool } from './packages.js';

const LEAST_JAVA = 17;
const JVM_FOLDERS = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines'];

/** Java 17 or newer: from JAVA_HOME, from PATH, or from the folders where systems keep their JVMs. */
export const java: Tool = {
  name: 'Java 17 or newer',
  debian: ['openjdk-21-jre-headless', 'openjdk-17-jre-headless', 'default-jre-headless'],
  advice: { debian: 'default-jre-headless', elsewhere: 'https://adoptium.net, then set JAVA_HOME' },
  async find() {
    for (const file of candidates()) {
      const version = await javaVersion(file);
      if (version !== undefined && version >= LEAST_JAVA) return file;
    }
    return undefined;
  },
};

function candidates(): string[] {
  const home = process.env.JAVA_HOME;
  const path = onPath('java');
  const files = [
    ...(home === undefined || home === '' ? [] : [join(home, 'bin', 'java')]),
    ...(path === undefined ? [] : [path]),
    ...JVM_FOLDERS.flatMap((folder) =>
      list(folder).flatMap((jvm) => [join(folder, jvm, 'bin', 'java'), join(folder, jvm, 'Contents', 'Home', 'bin', 'java')]),
    ),
  ];
  return files.filter(isExecutable);
}

async function javaVersion(file: string): Promise<number | undefined> {
  const { stderr, failed } = await execa(file, ['-version'], { reject: false, timeout: 20_000 });
  return failed ? undefined : readJavaVersion(stderr);
}

/** The major version in what `java -version` prints: 17 for `17.0.15`, 8 for the old style `1.8.0_402`. */
export function readJavaVersion(text: string): number | undefined {
  const parts = /version "(?:1\.)?(\d+)/.exec(text);
  return parts === null ? undefined : Number(parts[1]);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the folder of another system
  }
}

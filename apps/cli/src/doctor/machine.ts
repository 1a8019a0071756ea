import { existsSync, statfsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { type Check, type Finding, well, wrong } from './finding.js';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** Below this Kafka or the log may stop within a day of ordinary traffic. */
const DISK_ILL = GIB;
const DISK_WATCH = 5 * GIB;
const MEMORY_WATCH = 512 * MIB;
const LEAST_NODE = [20, 20] as const;

/** The version of Node that this command runs with, which is that of the services on this machine. */
export const nodeVersion: Check = {
  name: 'node',
  otherwise: 'Run the command with Node 20.20 or newer.',
  look: () => [judgeNode(process.versions.node)],
};

export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const old = major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]);
  return old
    ? wrong('node', 'ill', `Node ${version}`, `Install Node ${LEAST_NODE.join('.')} or newer and start the services again.`)
    : well('node', `Node ${version}`);
}

/** Free space where the instance keeps its data, and free memory. */
export const disk: Check = {
  name: 'disk',
  otherwise: 'Look at the disk by hand: df -h.',
  look: ({ folder }) => {
    const { bavail, bsize, files, ffree } = statfsSync(existing(folder));
    return [judgeDisk(bavail * bsize), judgeFiles(ffree, files)];
  },
};

export function judgeDisk(free: number): Finding {
  const seen = `${(free / GIB).toFixed(1)} GiB free`;
  if (free >= DISK_WATCH) return well('disk', seen);
  const next = 'Make room or add a disk before Kafka stops: docs/runbooks/disk-full.md.';
  return wrong('disk', free < DISK_ILL ? 'ill' : 'watch', seen, next);
}

/** Some file systems count no files and say 0 of 0. */
export function judgeFiles(free: number, all: number): Finding {
  if (all === 0 || free / all >= 0.05) return well('disk', all === 0 ? 'any number of files' : `${free} more files`);
  return wrong(
    'disk',
    'watch',
    `${free} of ${all} files left`,
    'Remove old partial tiles or logs, or make the file system anew.',
  );
}

export const memory: Check = {
  name: 'memory',
  otherwise: 'Look at the memory by hand: free -m.',
  look: () => [judgeMemory(freemem(), totalmem())],
};

export function judgeMemory(free: number, all: number): Finding {
  const seen = `${Math.round(free / MIB)} of ${Math.round(all / MIB)} MiB free`;
  if (free >= MEMORY_WATCH) return well('memory', seen);
  return wrong('memory', 'watch', seen, 'Each service needs about 300 MiB and the broker 1 GiB: end what does not belong here.');
}

const existing = (folder: string): string => (existsSync(folder) ? folder : existing(dirname(folder)));

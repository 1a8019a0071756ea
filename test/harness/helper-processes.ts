import { readdirSync, readFileSync } from 'node:fs';
import type { ServiceProcess } from '../instance/service-process.js';

/** The children of a service: the helper process that holds its token. */
export function helpersOf({ pid = 0 }: ServiceProcess): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^[0-9]+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // proc(5): state, then parent
      return Number(parent) === pid ? [Number(name)] : [];
    } catch {
      return []; // it has just ended
    }
  });
}

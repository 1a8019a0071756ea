import { existsSync } from 'node:fs';

const LIBFAKETIME = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`);

/** The library that shifts the clock of a process (Debian's `faketime`); undefined where the machine has none. */
export const FAKETIME = LIBFAKETIME.find((file) => existsSync(file));

/** The environment of a process whose clock is off by `shift`, as `+10m`; the time that it measures goes on as it is. */
export function clockAt(shift: string): Readonly<Record<string, string>> {
  return { LD_PRELOAD: FAKETIME ?? '', FAKETIME: shift, DONT_FAKE_MONOTONIC: '1' };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endProcess, isAlive, startTime } from './processes.js';

describe('when a number now belongs to another process', () => {
  it('is not taken for the one that was started', () => {
    expect(isAlive({ pid: process.pid, started: startTime(process.pid) ?? '' })).toBe(true);
    expect(isAlive({ pid: process.pid, started: 'another time' })).toBe(false);
  });

  it('is left alone', async () => {
    expect(await endProcess({ pid: process.pid, started: 'another time' }, 1000)).toBe('gone');
  });
});

describe('when a process is asked to end', () => {
  it('ends by the first signal where it listens', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect(await endProcess({ pid, started: startTime(pid) ?? '' }, 5000)).toBe('ended');
  });

  it('is killed where it does not', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    expect(await endProcess({ pid, started: startTime(pid) ?? '' }, 150)).toBe('killed');
  });
});

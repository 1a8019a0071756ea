import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FRESH } from './instance.fixture.js';
import { Missing } from './missing.js';
import { claim, State } from './state.js';

describe('the memory of an instance', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'state-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is found again by the next run, and by nobody else', () => {
    State.open(folder, FRESH).rememberPort('signing', 18083);
    expect(State.open(folder, FRESH).current.ports).toEqual({ signing: 18083 });
    expect(statSync(join(folder, 'state.json')).mode & 0o077).toBe(0);
  });

  it('may be changed by one command at a time', () => {
    const release = claim(folder);
    expect(() => claim(folder)).toThrow(Missing);
    release();
    expect(() => claim(folder)()).not.toThrow();
  });

  it('is free again when the command that held it was killed', () => {
    writeFileSync(join(folder, 'claim.json'), JSON.stringify({ pid: process.pid, started: 'an earlier process' }));
    expect(() => claim(folder)()).not.toThrow();
    writeFileSync(join(folder, 'claim.json'), '');
    expect(() => claim(folder)()).not.toThrow();
  });
});

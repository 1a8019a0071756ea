import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instanceFile, readInstance } from './instance.js';

const whole = {
  version: 1,
  brokers: ['127.0.0.1:19092'],
  redisUrl: 'redis://127.0.0.1:16379',
  membersFile: '/x/members.json',
  topicsFile: '/x/topics.json',
  secretsFolder: '/x/secrets',
  services: [
    {
      name: 'signing',
      kind: 'signing',
      url: 'http://127.0.0.1:18083',
      log: '/x/signing.log',
      process: { pid: 7, started: '12' },
      fingerprint: 'f',
    },
  ],
  ports: { signing: 18083 },
};

describe('the description of an instance', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'instance-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is absent where nothing was started', () => {
    expect(readInstance(folder)).toBeUndefined();
  });

  it('is read from a folder or from the file itself', () => {
    writeFileSync(join(folder, 'state.json'), JSON.stringify(whole));
    expect(readInstance(folder)).toEqual(whole);
    expect(readInstance(instanceFile(folder))).toEqual(whole);
  });

  it('is refused with the place of each mistake', () => {
    writeFileSync(join(folder, 'state.json'), JSON.stringify({ ...whole, brokers: [], ports: { signing: 0 } }));
    expect(() => readInstance(folder)).toThrow(/SETTINGS_INVALID.*\/brokers .*\/ports\/signing /s);
  });
});

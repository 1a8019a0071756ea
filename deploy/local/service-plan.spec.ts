import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf, type ServicePlan } from './service-plan.js';

describe('what makes `up` start a service anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'khidi-plan-'));
  const members = join(folder, 'members.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  const fingerprint = (kind: ServicePlan['kind'], text: string): string => {
    writeFileSync(members, text);
    return fingerprintOf({ name: kind, kind, env: { KHIDI_MEMBERS: members } } as unknown as ServicePlan);
  };

  it('is a changed members file for an adapter, which reads it at its start, and not for validation, which follows it', () => {
    expect(fingerprint('agency-adapter', 'one')).toBe(fingerprint('agency-adapter', 'one'));
    expect(fingerprint('agency-adapter', 'one')).not.toBe(fingerprint('agency-adapter', 'two'));
    expect(fingerprint('validation', 'one')).toBe(fingerprint('validation', 'two'));
  });
});

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defectsSince, markLogs } from './service-logs.js';

describe('when services have ended by a defect', () => {
  it('names those that have since the mark, in new logs too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'khidi-logs-'));
    try {
      const rejection = '{"level":"error","event":"unhandled rejection"}\n';
      writeFileSync(join(folder, 'signing.log'), rejection);
      writeFileSync(join(folder, 'ledger.log'), '{"event":"started"}\n');
      const marks = markLogs(folder);
      appendFileSync(join(folder, 'signing.log'), '{"event":"started"}\n');
      appendFileSync(join(folder, 'ledger.log'), rejection);
      writeFileSync(join(folder, 'delivery.log'), 'TypeError: x\n\nNode.js v20.20.0\n');
      expect(defectsSince(marks)).toEqual([
        'delivery ended by a defect: Node.js v20.20.0',
        'ledger ended by a defect: {"level":"error","event":"unhandled rejection"}',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

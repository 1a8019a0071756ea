import { readFileSync } from 'node:fs';
import { FAULTS, type Fault, problem } from './index.js';

const rows = Object.entries<Fault>(FAULTS).map(
  ([code, fault]) => `| \`${code}\` | ${fault.status} | ${fault.retry ? 'yes' : 'no'} | ${fault.title}. | ${fault.next} |`,
);

describe('when somebody looks a fault up', () => {
  it('stands in docs/faults.md word for word, and no other does', () => {
    const documented = readFileSync('docs/faults.md', 'utf8').split('\n');
    expect(documented.filter((line) => line.startsWith('| `'))).toEqual(rows);
  });

  it('has a title without a full stop and a next step with one', () => {
    for (const fault of Object.values<Fault>(FAULTS))
      expect([fault.title.endsWith('.'), fault.next.endsWith('.')]).toEqual([false, true]);
  });

  it('becomes a problem document by RFC 9457', () => {
    expect(problem('DOOR_FORBIDDEN', { instance: 'urn:uuid:1' })).toEqual({
      type: 'urn:khidi:fault:DOOR_FORBIDDEN',
      title: 'The caller may not do this',
      status: 403,
      code: 'DOOR_FORBIDDEN',
      detail: 'Ask the operator for the right.',
      instance: 'urn:uuid:1',
    });
  });
});

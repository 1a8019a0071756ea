import { EXIT } from './exit.js';
import { refuse } from './fetch.js';

const said = (status: number, body: unknown): unknown => {
  try {
    return refuse('The adapter', status, body);
  } catch (error) {
    return error;
  }
};

describe('when a service says no', () => {
  it('tells each error that the answer names, with its place and its title', () => {
    const errors = [
      { code: 'POLICY_NO_AGREEMENT', pointer: '' },
      { code: 'SCHEMA_VIOLATION', pointer: '/purpose' },
      { code: 'OF_A_NEWER' },
    ];
    const body = { code: 'QUESTION_NOT_AGREED', title: 'No', detail: 'See the errors.', errors };
    expect(said(403, body)).toMatchObject({
      status: EXIT.no,
      message: [
        'QUESTION_NOT_AGREED: No. See the errors.',
        '  POLICY_NO_AGREEMENT: No agreement lets this consumer receive this record type',
        '  SCHEMA_VIOLATION at /purpose: The record breaks a rule of its schema',
        '  OF_A_NEWER',
      ].join('\n'),
    });
  });

  it('says the status alone of another kind of server', () => {
    expect(said(503, undefined)).toMatchObject({ status: EXIT.unreachable, message: 'The adapter answers 503.' });
  });
});

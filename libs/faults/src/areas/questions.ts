import { faults } from '../fault.js';

/** Questions that are asked and answered in one HTTP call. */
export const questionFaults = faults({
  QUESTION_OFF: {
    title: 'This adapter takes no questions',
    status: 501,
    retry: false,
    next: 'Give it the keys of the directory (KHIDI_CONFIGURATION_ANCHOR), or ask over topics.',
  },
  QUESTION_NOT_AGREED: {
    title: 'No agreement in force lets this question be asked and answered',
    status: 403,
    retry: false,
    next: 'The errors say what speaks against each agreement: agree with the owner on the answer (its type, for this purpose) and on the question.',
  },
  QUESTION_REJECTED: {
    title: 'The question did not get through',
    status: 422,
    retry: false,
    next: 'The errors name what is wrong with it by place; correct it and ask again, under the same id or a new one.',
  },
  QUESTION_TOO_MANY: {
    title: 'The subsystem waits for as many answers as it may at once',
    status: 429,
    retry: true,
    next: 'Ask again when an answer has come (KHIDI_QUESTIONS_AT_ONCE); nothing of this one is on the road.',
  },
  QUESTION_UNANSWERED: {
    title: 'The question is on the road, and no answer came in time',
    status: 504,
    retry: true,
    next: 'Read the answer later at the address in Location, among the deliveries, or ask again under the same id.',
  },
  QUESTION_PENDING: {
    title: 'There is no answer to this question yet',
    status: 404,
    retry: true,
    next: 'Ask for it again later; whether the question got through is told at /v1/events.',
  },
});

import { faults } from '../fault.js';

/** What is found wrong before a service starts. */
export const settingsFaults = faults({
  SETTINGS_INVALID: {
    title: 'Settings are missing or malformed',
    status: 500,
    retry: false,
    next: 'Correct every setting that the message lists, then start again.',
  },
  SETTINGS_PORT_TAKEN: {
    title: 'The port is in use',
    status: 500,
    retry: false,
    next: 'Stop what listens there or choose another port.',
  },
});

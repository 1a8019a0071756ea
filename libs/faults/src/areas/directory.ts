import { faults } from '../fault.js';

/** Who takes part, what was agreed on, and what the services are told of it. */
export const directoryFaults = faults({
  CONFIGURATION_MISSING: {
    title: 'The directory has published no configuration yet',
    status: 503,
    retry: true,
    next: 'Start the directory, and see that this service has the anchor of its key.',
  },
  CONFIGURATION_EXPIRED: {
    title: 'The configuration of the directory has expired',
    status: 503,
    retry: true,
    next: 'Find out why the directory does not renew it; until then nothing is decided.',
  },
  CONFIGURATION_UNTRUSTED: {
    title: 'A configuration is not signed by a key that is trusted for it',
    status: 422,
    retry: false,
    next: 'Find out who wrote it; only the directory may. The detail names the check that failed.',
  },
  CONFIGURATION_MALFORMED: {
    title: 'A configuration is not as it should be',
    status: 422,
    retry: false,
    next: 'The detail names its member; services and directory may be of different versions.',
  },
  CONFIGURATION_ROLLED_BACK: {
    title: 'A configuration is older than one seen before',
    status: 409,
    retry: false,
    next: 'Find out who wrote it; a directory that was restored from a copy must go on with a higher version.',
  },
  CONFIGURATION_TOO_LARGE: {
    title: 'The configuration would become larger than one message',
    status: 422,
    retry: false,
    next: 'Remove what is no longer needed; the limit stands in the README of the directory.',
  },
  DIRECTORY_REQUEST_INVALID: {
    title: 'The request to the directory is not understood',
    status: 422,
    retry: false,
    next: 'The detail names the member that is missing or malformed.',
  },
  DIRECTORY_FOUR_EYES: {
    title: 'Another person must decide this',
    status: 409,
    retry: false,
    next: 'Let an officer decide who had no part in it before.',
  },
  MEMBER_UNKNOWN: {
    title: 'The directory does not know this member',
    status: 404,
    retry: false,
    next: 'Look it up with `khidi member list`.',
  },
  MEMBER_STATE: {
    title: 'The state of the member does not allow this',
    status: 409,
    retry: false,
    next: 'The detail says why; `khidi member list` shows the states.',
  },
  MEMBER_NOT_APPROVED: {
    title: 'The member has not been approved',
    status: 403,
    retry: false,
    next: 'Finish joining; two officers must have agreed to it.',
  },
  MEMBER_SUSPENDED: {
    title: 'The member is suspended',
    status: 403,
    retry: false,
    next: 'Ask the operator why; records sent meanwhile must be sent again.',
  },
  MEMBER_INVITATION_INVALID: {
    title: 'The invitation is not valid',
    status: 403,
    retry: false,
    next: 'Ask the operator for a new one; each may be used once.',
  },
  MEMBER_KEY_UNPROVEN: {
    title: 'The key is not proved to be in the hands of the member',
    status: 403,
    retry: false,
    next: 'Sign the proof with the key itself, for this directory and this invitation.',
  },
  MEMBER_SIGNATURE: {
    title: 'The change is not signed by a key for agreements of this member',
    status: 403,
    retry: false,
    next: 'Sign exactly this change, for this directory and this member, within the day before it is sent.',
  },
  MEMBER_CHANGE_UNKNOWN: {
    title: 'No such change of the member waits for approval',
    status: 404,
    retry: false,
    next: 'Look up with `khidi member list` what waits; a later change of the systems takes the place of an earlier one.',
  },
  AGREEMENT_UNKNOWN: {
    title: 'There is no such agreement, or no such version of it',
    status: 404,
    retry: false,
    next: 'Look it up with `khidi agreement list`.',
  },
  AGREEMENT_STATE: {
    title: 'The state of the agreement does not allow this',
    status: 409,
    retry: false,
    next: 'The detail says why; `khidi agreement show` shows the versions.',
  },
  AGREEMENT_SIGNATURE: {
    title: 'The signature is not one of this side over this text',
    status: 403,
    retry: false,
    next: 'Sign exactly this version with a key for agreements of a member that is approved.',
  },
  PURPOSE_EXISTS: {
    title: 'There is another purpose with this id',
    status: 409,
    retry: false,
    next: 'Choose another id; what a purpose says is never changed.',
  },
});

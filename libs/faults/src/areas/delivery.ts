import { faults } from '../fault.js';

/** The hand-over to consumers. */
export const deliveryFaults = faults({
  DELIVERY_FIELDS_WIDER: {
    title: 'The record shows more than the agreement allows',
    status: 403,
    retry: false,
    next: 'Agree on the whole record, or let the record type be sealed with disclosures.',
  },
  DELIVERY_TERMS_UNMET: {
    title: 'The agreement asks for a form of delivery that there is none of for this record type',
    status: 403,
    retry: false,
    next: 'The pointer names the term; agree on a version without it.',
  },
  DELIVERY_KEY_MISSING: {
    title: 'The agreement asks for encryption, and the consumer has no key for it in the directory',
    status: 503,
    retry: true,
    next: 'Let the consumer add one with "khidi member add-key --purpose encryption" and an officer approve it; its records wait, and none leaves unencrypted.',
  },
  DELIVERY_UNPROVEN: {
    title: 'Nothing proves any more that the record is in the evidence log',
    status: 422,
    retry: false,
    next: 'Keep the evidence topic longer than the sealed topics; let the agency send the record again.',
  },
  DELIVERY_REPLAYING: {
    title: 'The lane is still going over what it delivered before',
    status: 409,
    retry: true,
    next: 'Wait until that replay has come to where it began.',
  },
  DELIVERY_REPLAY_NOTHING: {
    title: 'Nothing that was decided on before lies there',
    status: 422,
    retry: false,
    next: 'Name an earlier time or offset; what is not decided on yet will come by itself.',
  },
  DELIVERY_MESSAGE: {
    title: 'The message is no delivery for this topic',
    status: 422,
    retry: false,
    next: 'Find out who else may write to the topic; the rule names what is wrong.',
  },
  DELIVERY_SIGNATURE: {
    title: 'The webhook request is not signed by the gateway, or old',
    status: 401,
    retry: false,
    next: 'Compare the secret with that of the operator, and the clock; the rule names the header.',
  },
  DELIVERY_PUSH_FAILED: {
    title: 'The webhook did not accept the delivery',
    status: 502,
    retry: false,
    next: 'Ask the consumer what its endpoint says, then replay the dead letter with "khidi dead replay".',
  },
  DELIVERY_OUTLIVED: {
    title: 'The delivery could not be brought within the time that its subscription gives',
    status: 410,
    retry: false,
    next: 'Replay the dead letter once the endpoint answers, or let the consumer subscribe with a longer TTL.',
  },
  SUBSCRIPTION_EXISTS: {
    title: 'The consumer has subscribed to this type before',
    status: 409,
    retry: false,
    next: 'Change the subscription instead, or cancel it first.',
  },
  SUBSCRIPTION_NO_WEBHOOK: {
    title: 'The directory names no webhook to which this type could be brought',
    status: 400,
    retry: false,
    next: 'Let the directory name one for the system, or subscribe with PULL.',
  },
  DEAD_LETTER_UNKNOWN: {
    title: 'There is no such dead letter',
    status: 404,
    retry: false,
    next: 'Look it up with "khidi dead list".',
  },
  DEAD_LETTER_CLOSED: {
    title: 'The dead letter was dealt with before',
    status: 409,
    retry: false,
    next: 'Look up with "khidi dead show" what became of it.',
  },
  DEAD_LETTER_STUCK: {
    title: 'There is no way on for this dead letter',
    status: 409,
    retry: false,
    next: 'Its consumer has no webhook now, or another service gave it up and its agency must send it again; discard it with the reason.',
  },
  DEAD_LETTER_SEALED: {
    title: "The body of the dead letter is encrypted to the operators' key",
    status: 409,
    retry: false,
    next: 'Replay it with "khidi dead replay --private-key" and the key that "khidi dead show" names.',
  },
  USAGE_INDEX_OFF: {
    title: 'This delivery keeps no index of who received what',
    status: 404,
    retry: false,
    next: 'Start it with KHIDI_USAGE_INDEX=yes; the topic handovers has it all the same.',
  },
  USAGE_INDEX_UNAVAILABLE: {
    title: 'The index of who received what does not answer',
    status: 503,
    retry: true,
    next: 'Wait; deliveries go on, and the index catches up once its database answers.',
  },
  PSEUDONYMS_UNAVAILABLE: {
    title: 'Who keeps the pseudonyms does not say under which one the person is known',
    status: 503,
    retry: true,
    next: 'See that validation runs at KHIDI_PSEUDONYMS_URL and that its KHIDI_PSEUDONYM_CALLERS knows the secret of delivery.',
  },
  DELIVERY_STATE_UNREADABLE: {
    title: 'What delivery wrote of itself cannot be read',
    status: 500,
    retry: false,
    next: 'Compare the versions of delivery and of what wrote the topic delivery-state; nothing is delivered meanwhile.',
  },
});

import { FAULTS, type FaultCode } from './table.js';

/** One fault in one line for a person at a terminal: code, title, what is special about it here, what to do. */
export function faultSentence(code: FaultCode, detail = ''): string {
  const { title, next } = FAULTS[code];
  return `${code}: ${title}${detail === '' ? '' : ` (${detail})`}. ${next}`;
}

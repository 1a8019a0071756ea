import type { State } from './state.js';

export async function demonstrate(_state: State, _again: boolean, _tell: (line: string) => void): Promise<string> {
  return 'none yet';
}

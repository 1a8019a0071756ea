import type { State } from './state.js';

export async function showTheWay(_state: State): Promise<void> {
  return;
}

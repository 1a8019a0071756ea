import type { Delivery } from './delivery.js';

/** Up to where deliveries of one topic have taken effect. */
export interface SinkPosition {
  /** The offset to read next. */
  readonly offset: bigint;
  /** The number of the last delivery; 0 before the first. */
  readonly number: number;
}

/**
 * What became of a delivery: it took effect; or not, since the same exchange did before; or not, since a later change of the same subject
 * did before (a record that was replayed after others had overtaken it).
 */
export type Applied = 'applied' | 'repeated' | 'late';

/** Where deliveries take effect. Position and effects change together or not at all: that is what makes each take effect once. */
export interface Sink<T> {
  /** Where to go on; undefined before the first batch. */
  position(topic: string): Promise<SinkPosition | undefined>;
  /**
   * Applies a batch by (`iss`, `jti`), and each subject's changes by rising `seq`; then the position is `to`. Rejects, with nothing
   * changed, where the position is not `from` any more: somebody else applies the same topic.
   */
  apply(
    topic: string,
    batch: readonly Delivery<T>[],
    from: SinkPosition | undefined,
    to: SinkPosition,
  ): Promise<readonly Applied[]>;
}

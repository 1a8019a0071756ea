import { placeInSpan, sentWith } from '#stream';
import type { OpenSpan, Tracer } from '#telemetry';
import type { LaneName } from '../steps/rule.js';
import type { Ruled } from '../steps/write-handover.js';

/**
 * The spans of one chunk on its way to one consumer, for the records whose agency asks for one. They begin with the decision, so that the
 * delivery can hang below them; what is never written has none.
 */
export class LaneSpans {
  private readonly open = new Map<Ruled, OpenSpan>();

  constructor(
    tracer: Tracer,
    private readonly lane: LaneName,
    ruled: readonly Ruled[],
    began: number,
  ) {
    if (!tracer.on) return;
    for (const one of ruled) {
      const { record } = one.item;
      const isSomebodyElses = 'content' in one.item && one.ruling === undefined;
      const span = tracer.begin(`delivery ${record.topic}`, 'consumer', sentWith(record), began);
      if (span !== undefined && !isSomebodyElses) this.open.set(one, span);
    }
  }

  /** What the delivery of a record is sent with: below its span, or as the record itself was. */
  sentWith(one: Ruled): string | undefined {
    return this.open.get(one)?.traceparent ?? sentWith(one.item.record);
  }

  /** Ends all of them: what they stand for is written. */
  end(): void {
    for (const [{ item, ruling }, span] of this.open) {
      const fault = 'fault' in item ? item.fault : ruling?.kind === 'refuse' ? ruling.faults[0]?.code : undefined;
      const verdict = 'fault' in item ? 'dead' : fault === undefined ? 'delivered' : 'refused';
      span.end({ ...placeInSpan(item.record), 'khidi.consumer': this.lane.consumer, 'khidi.verdict': verdict }, fault);
    }
  }
}

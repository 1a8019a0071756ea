import { otlpJson } from './otlp-json.js';
import type { Span, SpanSink } from './span.js';

/** Where a collector takes spans, and who sends them. */
export interface OtlpOptions {
  /** The base address of an OTLP/HTTP receiver; `/v1/traces` is added, as the specification asks. */
  readonly endpoint: string;
  readonly service: string;
  readonly version: string;
  /** Told how many spans were dropped: the queue was full, or the collector did not take them. */
  readonly onDropped: (spans: number) => void;
  readonly every?: number;
}

const EVERY_MS = 2000;
const MOST_HELD = 4096;
const MOST_SENT = 512;
const ANSWER_MS = 5000;

/**
 * Sends spans to a collector by OTLP/HTTP in JSON, a batch every two seconds. Bounded: what does not fit or is not taken is
 * dropped, since records matter and spans do not.
 */
export class OtlpSink implements SpanSink {
  private held: Span[] = [];
  private sending: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: OtlpOptions) {
    this.timer = setInterval(() => void this.flush(), options.every ?? EVERY_MS).unref();
  }

  take(span: Span): void {
    if (this.held.length < MOST_HELD) this.held.push(span);
    else this.options.onDropped(1);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** One batch after another, so that a slow collector gets no more than one at a time. */
  private flush(): Promise<void> {
    this.sending = this.sending.then(async () => {
      for (let batch = this.held.splice(0, MOST_SENT); batch.length > 0; batch = this.held.splice(0, MOST_SENT)) {
        if (!(await this.send(batch))) this.options.onDropped(batch.length);
      }
    });
    return this.sending;
  }

  private async send(batch: readonly Span[]): Promise<boolean> {
    const { endpoint, service, version } = this.options;
    try {
      const answer = await fetch(`${endpoint.replace(/\/$/, '')}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: otlpJson(service, version, batch),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await answer.arrayBuffer(); // frees the connection
      return answer.ok;
    } catch {
      return false; // away or slow: counted as dropped
    }
  }
}

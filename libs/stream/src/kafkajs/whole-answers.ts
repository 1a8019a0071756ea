/** Before an answer, its size (Protocol guide, "Message framing": Size is an INT32). */
const SIZE = 4;
/** No answer that is asked for here comes near it: what announces more is no broker. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Joins what a socket reads to whole answers of a broker, each in memory of its own. The bytes that are given may be overwritten
 * afterwards, so that a socket can read into the same memory again and again: one that asks for new memory each time takes 64 KiB,
 * and kafkajs copies the pieces once more.
 */
export class WholeAnswers {
  private readonly size = Buffer.alloc(SIZE);
  private answer: Buffer | undefined;
  /** How much of the size, or else of the answer, has come. */
  private filled = 0;

  constructor(private readonly take: (answer: Buffer) => void) {}

  /** Throws a RangeError where a size is announced that no answer has; nothing may be given afterwards. */
  give(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const target = this.answer ?? this.size;
      const copied = bytes.copy(target, this.filled, at);
      at += copied;
      this.filled += copied;
      if (this.filled < target.length) return;
      if (this.answer === undefined) this.begin(this.size.readInt32BE());
      else this.end(this.answer);
    }
  }

  private begin(length: number): void {
    if (length < 0 || length > MOST_BYTES) throw new RangeError(`an answer of ${length} bytes: this is no Kafka broker`);
    this.answer = Buffer.allocUnsafe(SIZE + length);
    this.size.copy(this.answer);
    if (length === 0) this.end(this.answer);
  }

  private end(answer: Buffer): void {
    this.answer = undefined;
    this.filled = 0;
    this.take(answer);
  }
}

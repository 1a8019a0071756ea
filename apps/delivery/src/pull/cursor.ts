/** A place on one consumer's topic, as a word that only we can read: a cursor of another topic is none. */
export function writeCursor(topic: string, offset: bigint): string {
  return Buffer.from(`${topic}@${offset}`).toString('base64url');
}

/** Reads what {@link writeCursor} wrote for the topic; undefined for anything else. */
export function readCursor(topic: string, cursor: string): bigint | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const offset = text.startsWith(`${topic}@`) ? text.slice(topic.length + 1) : '';
  return /^(0|[1-9][0-9]{0,18})$/.test(offset) ? BigInt(offset) : undefined;
}

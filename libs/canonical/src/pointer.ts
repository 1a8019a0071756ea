/** The RFC 6901 JSON pointer of the place that `segments` lead to: `['a/b', 0]` is `/a~1b/0`. */
export function pointerOf(segments: readonly (string | number)[]): string {
  return segments.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/**
 * The same reader of texts, which gives again what it gave last where it is given the same text again: the records of a chunk mostly
 * bear the same source, type and schema. For readers without side effects, whose results nobody changes.
 */
export function rememberingLatest<T>(read: (text: string) => T): (text: string) => T {
  let latest: { readonly text: string; readonly result: T } | undefined;
  return (text) => {
    if (latest?.text === text) return latest.result;
    const own = copyOf(text);
    if (own !== text) return read(text); // half a surrogate pair, which no copy through bytes keeps
    latest = { text: own, result: read(own) };
    return latest.result;
  };
}

/** A text of its own: part of a document would keep the whole document in memory. */
const copyOf = (text: string): string => Buffer.from(text).toString();

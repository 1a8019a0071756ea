/**
 * The same reader of texts, which gives again what it gave last where it is given the same text again: the records of a chunk mostly
 * bear the same source, type and schema. For readers without side effects, whose results nobody changes.
 */
export function rememberingLatest<T>(read: (text: string) => T): (text: string) => T {
  let latest: { readonly text: string; readonly result: T } | undefined;
  return (text) => {
    if (latest?.text !== text) latest = { text, result: read(text) };
    return latest.result;
  };
}

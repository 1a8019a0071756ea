/**
 * The compiled file of a thread that stands beside the module `url`, by its name with `.js`. Where only the sources are at hand (tests), a
 * thread runs what was built from them.
 */
export function threadFile(url: string, name: string): URL {
  const beside = new URL(name, url);
  if (url.endsWith('.ts')) beside.pathname = beside.pathname.replace(/\/libs\/(?!.*\/libs\/)/, '/dist/libs/');
  return beside;
}

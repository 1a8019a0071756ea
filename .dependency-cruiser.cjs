/** The direction of the house (DESIGN section 6): a lib imports only from lines above it in this list. */
const LIBS = [
  'faults',
  'concurrency',
  'record',
  'canonical',
  'identifiers',
  'schema',
  'compatibility',
  'policy',
  'envelope',
  'evidence',
  'settings',
  'custody',
  'sql',
  'telemetry',
  'seen',
  'stream',
  'configuration',
  'consumer',
  'http',
  'testkit',
];
const PURE = ['faults', 'record', 'canonical', 'identifiers', 'compatibility', 'policy', 'evidence'];
const VENDORS = {
  ajv: ['schema', '^node_modules/(ajv|ajv-formats|re2js)/'],
  jose: ['envelope', '^node_modules/jose/'],
  'prom-client': ['telemetry', '^node_modules/(prom-client|pino)/'],
  ioredis: ['seen', '^node_modules/ioredis/'],
  pg: ['sql', '^node_modules/(pg|@electric-sql)/'],
  koffi: ['custody', '^node_modules/koffi/'],
  kafkajs: ['stream', '^node_modules/(kafkajs|@node-rs/crc32)/'],
};
const lib = (name) => `^libs/${name}/`;

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'apps-are-strangers',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    { name: 'libs-do-not-know-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^(apps|deploy|test|examples)/' } },
    {
      name: 'front-door-only',
      severity: 'error',
      from: { path: '^(apps|libs|deploy|test|examples)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^$1/$2/'] },
    },
    ...LIBS.slice(0, -1).map((name, rank) => ({
      name: `libs-look-down-${name}`,
      severity: 'error',
      from: { path: lib(name), pathNot: '\\.spec\\.ts$' },
      to: { path: `^libs/(${LIBS.slice(rank + 1).join('|')})/` },
    })),
    {
      name: 'pure-libs-touch-no-io',
      severity: 'error',
      // The thread that a comparison runs in is the edge of its lib; what runs there is pure.
      from: {
        path: `^libs/(${PURE.join('|')})/`,
        pathNot: ['\\.spec\\.ts$', '^libs/compatibility/src/(within|worker|thread-time)\\.ts$'],
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|util)$' },
    },
    {
      name: 'pure-libs-need-no-vendor',
      severity: 'error',
      from: { path: `^libs/(${PURE.join('|')})/`, pathNot: '\\.spec\\.ts$' },
      to: { path: '^node_modules/', pathNot: '^node_modules/@types/' },
    },
    ...Object.entries(VENDORS).map(([vendor, [home, path]]) => ({
      name: `one-importer-${vendor}`,
      severity: 'error',
      from: { path: '^(apps|libs|deploy|examples)/', pathNot: lib(home) },
      to: { path },
    })),
    {
      name: 'testkit-stays-in-tests',
      severity: 'error',
      from: { path: '^(apps|libs|deploy|examples)/', pathNot: ['\\.(spec|fixture)\\.ts$', lib('testkit')] },
      to: { path: lib('testkit') },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: 'dist/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.khidi)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};

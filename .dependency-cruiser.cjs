/**
 * The borders of the code as data. ARCHITECTURE.md explains them; test/architecture/borders.test.ts plants a violation of
 * each and fails if this stays silent.
 */
const MAY_IMPORT = {
  base: [],
  trace: ['base'],
  expressions: ['base'],
  sanitizer: ['base'],
  protocol: ['base', 'trace'],
  http1: ['base'],
  'content-codings': ['base'],
  envelope: ['base'],
  rpc: ['base'],
  gateway: ['base', 'http1', 'content-codings', 'trace', 'expressions', 'sanitizer', 'protocol', 'rpc'],
  'control-plane': [
    'base',
    'content-codings',
    'trace',
    'expressions',
    'sanitizer',
    'protocol',
    'envelope',
    'rpc',
  ],
  viewer: ['base', 'trace', 'expressions', 'sanitizer', 'protocol'],
  cli: ['base', 'gateway', 'control-plane', 'trace', 'expressions', 'protocol'],
};

const PORTABLE = ['base', 'trace', 'expressions', 'sanitizer', 'protocol'];
const TESTS = '\\.test\\.tsx?$|/testdata/|/testing/';
const GATEWAY = 'packages/gateway/src';
const CONTROL_PLANE = 'packages/control-plane/src';

const packageBorders = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `package-${name}`,
  comment: `${name} may import ${allowed.join(', ') || 'no other package'} and itself`,
  severity: 'error',
  from: { path: `^packages/${name}/src/`, pathNot: TESTS },
  to: { path: '^packages/([^/]+)/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...packageBorders,
    {
      name: 'public-surface-only',
      comment: 'a package is imported through its index alone',
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: TESTS },
      to: { path: '^packages/([^/]+)/', pathNot: ['^packages/$1/', '^packages/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'portable',
      comment: 'a portable package runs in a browser too: no node: modules',
      severity: 'error',
      from: { path: `^packages/(${PORTABLE.join('|')})/src/`, pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'plugins-stand-alone',
      comment:
        'a plugin sees the exchange and its contract, never another plugin, the proxy, the router or the tracer',
      severity: 'error',
      from: { path: `^${GATEWAY}/plugins/([^/]+)/`, pathNot: TESTS },
      to: {
        path: `^${GATEWAY}/`,
        pathNot: [`^${GATEWAY}/plugins/$1/`, `^${GATEWAY}/pipeline/`, `^${GATEWAY}/plugins/[^/]+\\.ts$`],
      },
    },
    {
      name: 'pipeline-knows-no-plugin',
      comment: 'the pipeline runs plugins through their contract; only the registry names them',
      severity: 'error',
      from: { path: `^${GATEWAY}/(pipeline|proxy|router|upstream|tracing)/`, pathNot: TESTS },
      to: { path: `^${GATEWAY}/plugins/[^/]+/` },
    },
    {
      name: 'sql-in-the-store',
      comment: 'SQL is written by the repositories in store/ and nowhere else',
      severity: 'error',
      from: { path: '^packages/', pathNot: [`^${CONTROL_PLANE}/store/`, TESTS] },
      to: { path: 'node_modules/kysely/' },
    },
    {
      name: 'one-door-to-the-database',
      comment: 'only store/ knows which database it is',
      severity: 'error',
      from: { path: '^packages/', pathNot: [`^${CONTROL_PLANE}/store/`, TESTS] },
      to: { path: 'node_modules/(libsql|pg)/' },
    },
    {
      name: 'routes-never-see-storage',
      comment: 'HTTP routes call services, never the store',
      severity: 'error',
      from: { path: `^${CONTROL_PLANE}/api/`, pathNot: TESTS },
      to: { path: `^${CONTROL_PLANE}/store/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'services-never-see-http',
      comment: 'only api/, the ingest listener and the composition root know Fastify',
      severity: 'error',
      from: {
        path: `^${CONTROL_PLANE}/`,
        pathNot: [
          `^${CONTROL_PLANE}/api/`,
          `^${CONTROL_PLANE}/ingest/`,
          `^${CONTROL_PLANE}/[^/]+\\.ts$`,
          TESTS,
        ],
      },
      to: { path: 'node_modules/fastify/|node_modules/@fastify/' },
    },
    {
      name: 'viewer-model-is-pure',
      comment: 'the engine of the viewer has no React and no DOM library',
      severity: 'error',
      from: { path: '^packages/viewer/src/engine/', pathNot: TESTS },
      to: { path: ['node_modules/(react|react-dom|wouter|@tanstack)/', '^packages/viewer/src/(?!engine/)'] },
    },
    {
      name: 'no-cycles',
      comment: 'data flows one way; types alone may point back',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-tests-in-production',
      severity: 'error',
      from: { path: '^packages/', pathNot: TESTS },
      to: { path: [TESTS, '^test/'] },
    },
    {
      name: 'no-utils',
      comment: 'a folder called utils, common or helpers says nothing about what is in it',
      severity: 'error',
      from: {},
      to: { path: '^packages/.*/(utils|common|helpers?)/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/|\\.css$|\\?' },
    tsPreCompilationDeps: true,
    detectJSDocImports: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};

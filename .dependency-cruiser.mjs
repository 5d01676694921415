/**
 * The directions of the house. Every rule is an error and says why it exists; tools/boundaries proves that each of them bites.
 *
 * Libs stand in rows. A lib may import only from rows above its own: never sideways, never down.
 */
const ROWS = [
  ['kernel'],
  ['config'],
  ['observability', 'database', 'queue', 'spreadsheet', 'table-reader'],
  ['audit'],
  ['notices'],
  ['tenancy'],
  ['identity', 'guardrail', 'metering', 'pricing', 'model-pool'],
  ['templates'],
  ['sso', 'jobs', 'billing', 'roster'],
  ['exits'],
];

const SPEC = '\\.spec\\.tsx?$|\\.e2e\\.ts$';
/** What only specs may use: frozen clocks, throw-away databases, fixtures beside the code they serve. */
const TEST_SUPPORT = '/test/|\\.fixture\\.ts$|^libs/testing/';

const anyOf = (names) => `^libs/(?:${names.join('|')})/`;

/** One rule for each row: what stands beside and below it is out of reach. A last row of one lib has nothing there. */
const rowRules = ROWS.flatMap((row, index) => {
  const beside = ROWS.slice(index).flat();
  if (beside.length === 1) return [];
  return {
    name: `row-${index}-${row.join('-')}`,
    comment:
      'Directions run one way: kernel <- config <- observability, database, queue, spreadsheet, table-reader <- audit <- notices <- tenancy <- identity, guardrail, metering, pricing, ' +
      'model-pool <- templates <- sso, jobs, billing, roster <- exits. A lib that knows a later one cannot be understood, tested or taken out without it.',
    severity: 'error',
    from: { path: `^libs/(${row.join('|')})/`, pathNot: SPEC },
    to: { path: anyOf(beside), pathNot: '^libs/$1/' },
  };
});

export default {
  forbidden: [
    ...rowRules,
    {
      name: 'lib-has-a-row',
      comment: 'A new lib gets its place in ROWS the day it is made, or it would be free to import anything.',
      severity: 'error',
      from: {},
      to: { path: '^libs/', pathNot: anyOf([...ROWS.flat(), 'api-client', 'testing']) },
    },
    {
      name: 'lib-through-its-door',
      comment: 'A lib is reached through its index alone: what it does not export it may change freely.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/([^/]+)/' },
      to: { path: '^libs/[^/]+/', pathNot: '^libs/$1/|^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'lib-knows-no-app',
      comment: 'Apps are thin and replaceable; the domain must run without them.',
      severity: 'error',
      from: { path: '^(?:libs|migrations)/' },
      to: { path: '^apps/' },
    },
    {
      name: 'app-knows-no-app',
      comment: 'Processes meet over the wire. Code that two of them need belongs into a lib.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: `${SPEC}|${TEST_SUPPORT}` },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'portal-knows-the-client-alone',
      comment:
        'The portal runs in the browser and knows the product by its API. Server code in its bundle would be a leak.',
      severity: 'error',
      from: { path: '^apps/portal/' },
      to: { path: '^(?:libs|migrations)/', pathNot: '^libs/api-client/' },
    },
    {
      name: 'client-knows-no-lib',
      comment:
        'The API client is generated from openapi.json and usable outside this repository: the contract is all it knows.',
      severity: 'error',
      from: { path: '^libs/api-client/' },
      to: { path: '^libs/', pathNot: '^libs/api-client/' },
    },
    {
      name: 'test-support-in-specs-alone',
      comment: 'Frozen clocks, throw-away databases and fixtures have no place in a running product.',
      severity: 'error',
      from: { path: '^(?:apps|libs|migrations)/', pathNot: `${SPEC}|${TEST_SUPPORT}` },
      to: { path: TEST_SUPPORT },
    },
    {
      name: 'spec-is-a-leaf',
      comment: 'A spec that is imported is a helper in disguise: its cases would run twice and its set-up leak.',
      severity: 'error',
      from: {},
      to: { path: SPEC },
    },
    {
      name: 'e2e-is-a-black-box',
      comment: 'End-to-end tests know the product as its users do. What they import from it they no longer test.',
      severity: 'error',
      from: { path: '^e2e/' },
      to: { path: '^(?:apps|libs|migrations)/', pathNot: '^libs/(?:testing|api-client)/' },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or have a third one hidden in them.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'import-resolves',
      comment: 'An import nobody can follow is invisible to every other rule here.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'package-is-declared',
      comment: 'A package that is there only because another one brought it disappears with that one.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'product-needs-no-dev-package',
      comment:
        'Production images carry dependencies only: a development package imported at run time is missing there.',
      severity: 'error',
      from: { path: '^(?:apps|libs|migrations)/', pathNot: `${SPEC}|${TEST_SUPPORT}` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)(?:dist|\\.next)/|next-env\\.d\\.ts$' },
    // Imports of types are edges too: a lib that knows another's types knows the other
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'types', 'node', 'default', 'require'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
    },
    skipAnalysisNotInRules: true,
  },
};

// The rules of imports, places and style. Specs in `tools/workspace` show that each rule reports a violation. knip finds unused code.
import { readdirSync } from 'node:fs';
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { everyTestRuns, house, importStyle, restrict } from './tools/workspace/eslint/house.mjs';
import { noTime, time, timeMembers } from './tools/workspace/eslint/time-and-chance.mjs';

const product = ['libs/**/*.{ts,tsx}', 'apps/**/*.{ts,tsx}'];
const tests = ['**/*.{spec,sim}.ts', '**/testing/**'];

// ---- Layers: a lib imports only what lies strictly below it, an app only libs. ----

// A lib's layer is a tag in its package.json, and told nowhere else.
const layersBelow = (layer) => Array.from({ length: layer }, (_, below) => `layer:${below}`);
const layers = [
  ...layersBelow(10).map((sourceTag, layer) => ({ sourceTag, onlyDependOnLibsWithTags: layersBelow(layer) })),
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'] },
];
// A lib or an app imports a tool in its tests alone.
const tools = { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] };
// The monolith is every app in one process, for a laptop: the one place that imports apps.
const monolith = { ...tools, onlyDependOnLibsWithTags: ['type:lib', 'type:tool', 'type:app'] };

const boundaries = (depConstraints, allow = []) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    { enforceBuildableLibDependency: false, allow, depConstraints },
  ],
});

const apps = readdirSync(new URL('./apps/', import.meta.url)).join('|');

// ---- Homes: an outside module is imported in its home and nowhere else. ----

const home = (rule, imports, homes, message) => ({
  files: product,
  ignores: [...tests, ...homes],
  rules: restrict(rule, imports, message),
});
const pure = (lib, mayImport, but = []) => ({
  files: [`libs/${lib}/src/**`],
  ignores: [...tests, ...but],
  rules: restrict(
    'pure',
    `^(?!\\.{1,2}/|(${mayImport})$)`,
    'This lib is pure: it computes, and leaves the world to its callers.',
  ),
});

const environment = {
  object: 'process',
  property: 'env',
  message: 'Read it in libs/platform and pass it down as a value.',
};
const noMembers = (...members) => ({ 'no-restricted-properties': ['error', ...members.flat()] });

// One program for the whole workspace checks each file once; one project's own is there sooner.
const types = {
  tsconfigRootDir: import.meta.dirname,
  ...(process.cwd() === import.meta.dirname
    ? { project: './tsconfig.lint.json' }
    : { projectService: true }),
};

const globalsOfNode = Object.fromEntries(
  Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']),
);

export default defineConfig(
  { ignores: ['**/dist/', '**/coverage/', '**/.aisle/', '**/.nx/', 'docs/', 'libs/client/src/schema.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    plugins: { '@nx': nx, house },
    languageOptions: { globals: globalsOfNode },
    rules: {
      'no-warning-comments': ['error', { terms: ['todo', 'fixme'], location: 'anywhere' }],
      'max-lines': ['error', 400],
      // The supervisor's steps are generators, whether or not a step has to wait.
      'require-yield': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __dirname: 'readonly' } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // Rules that need types: each of these is a bug that no test sees until it is too late.
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: types },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // Errors that isFailure recognises may be rethrown.
      '@typescript-eslint/only-throw-error': ['error', { allow: ['FailureFacts'] }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },

  { files: ['{libs,apps,tools}/**'], rules: { 'house/file-names': 'error' } },
  { files: ['{apps,libs,tools}/**/*.ts'], rules: { 'house/doc-comments': 'error' } },
  { files: ['**/*.{ts,tsx}'], rules: importStyle },
  {
    // A spec may come in by the front door, as the lib's users do.
    files: product,
    ignores: tests,
    rules: restrict('own-index', '^(\\./|(\\.\\./)+)index\\.ts$', 'This is the index of this very lib: import the file.'),
  },
  { files: tests, rules: everyTestRuns },

  { files: ['**/*.{ts,tsx,mjs}'], rules: boundaries([...layers, tools]) },
  { files: tests, rules: boundaries([...layers, tools], ['^@aisle/(dev(/testing)?|simulation)$']) },
  { files: ['tools/workspace/src/monolith/**/*.ts'], rules: boundaries([...layers, monolith]) },
  {
    // An app without `exports` is no import that Nx can resolve; its name is enough to refuse it.
    files: ['**/*.{ts,tsx,mjs}'],
    ignores: ['tools/workspace/src/monolith/**'],
    rules: restrict('no-apps', `^@aisle/(${apps})(/|$)`, 'Apps speak by commands and events.'),
  },

  home(
    'database-home',
    '^(typeorm|pg)(/|$)',
    ['libs/{persistence,journal}/**', '**/*.{repository,row,migration}.ts', '**/migrate.ts'],
    'SQL lives in libs/persistence, libs/journal, *.repository.ts, *.row.ts and *.migration.ts.',
  ),
  home(
    'redis-home',
    '^ioredis(/|$)',
    ['libs/{broker,events,platform}/**'],
    'Redis is spoken to by libs/broker, libs/events and libs/platform.',
  ),
  home(
    'queues-home',
    '^(bullmq|kafkajs)(/|$)',
    ['libs/events/**'],
    'Queues and backbones are behind libs/events.',
  ),
  home(
    'zones-home',
    '^temporal-polyfill(/|$)',
    ['libs/std/**'],
    'Shop time is read by @aisle/std/shop-time, which takes the instant by parameter.',
  ),
  home(
    'nest-at-the-edge',
    '^@nestjs/',
    [
      'libs/platform/**',
      '**/*.{module,controller,filter,inbox}.ts',
      '**/{nest,main}.ts',
      '**/nest/**',
      // The decorators of the controllers, and the document that shows them.
      'apps/gateway/src/routes/{route,caller,description,openapi}.ts',
    ],
    'Nest stays at the edge: *.module.ts, *.controller.ts, *.filter.ts, *.inbox.ts, nest/.',
  ),
  pure('std', 'node:.+|temporal-polyfill'),
  pure('contracts', '@aisle/std|zod'),
  // The sandbox has threads and WebAssembly, a strategy folder has files; the engine has neither.
  // A hash computes, too: `node:crypto` is pure as long as nothing random is taken from it, which the rules of chance hold.
  pure('pricing', '@aisle/std(/shop-time)?|node:crypto', ['libs/pricing/src/{sandbox,folder}/**']),

  // In a virtual world, a glance at the real clock would be another run each time.
  { files: [...product, 'tools/simulation/**/*.ts'], rules: { ...noTime, ...noMembers(timeMembers, environment) } },
  { files: ['libs/platform/**'], rules: noMembers(timeMembers) },
  // The client runs outside the system, and imports nothing of it.
  {
    files: ['libs/std/**', 'libs/client/**'],
    rules: {
      ...time,
      ...noMembers(environment),
    },
  },
);

// Every project's jest configuration. The runtime is ESM; in Jest, SWC turns source and ESM
// dependencies into CommonJS, which is the one set-up that runs alike on Node 20, 22 and 24.
const esmDependencies = ['@nestjs', '@aisle', 'content-disposition', 'cookie', 'light-my-request', 'jose', 'temporal-polyfill', 'temporal-utils'];

// Workers from source take the loader's flags from `process.execArgv`, and Jest's own processes have none.
const setupFiles = [require.resolve('./tools/dev/jest-workers.cjs')];

const swc = {
  swcrc: false,
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};

module.exports = (name) => ({
  displayName: name,
  testEnvironment: 'node',
  setupFiles,
  testEnvironmentOptions: { customExportConditions: ['@aisle/source', 'node', 'node-addons'] },
  // A bound on hangs, not on speed: with others on its processor, a machine may need ten times as long as by itself.
  testTimeout: 1_200_000,
  // A deployable copy of a package bears its name.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  testMatch: ['<rootDir>/src/**/*.spec.ts', '!**/*.load.spec.ts'],
  transform: { '^.+\\.[mc]?[tj]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmDependencies.join('|')})/)`],
});

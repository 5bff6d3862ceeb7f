// Benches, chaos and simulations, tried in small: `npm run test:load`. They are apart, so that `npm test` stays short.
const FOLDERS = ['libs/cluster', 'libs/registry', 'tools/bench', 'tools/chaos'];

module.exports = {
  ...require('./jest.config.cjs'),
  projects: FOLDERS.map((folder) => ({
    ...require(`./${folder}/jest.config.cjs`), rootDir: `<rootDir>/${folder}`, testMatch: ['<rootDir>/src/**/*.{load.spec,sim}.ts'],
  })),
};

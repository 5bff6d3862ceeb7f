module.exports = {
  projects: ['<rootDir>/libs/*/jest.config.cjs', '<rootDir>/apps/*/jest.config.cjs', '<rootDir>/tools/*/jest.config.cjs'],
  testSequencer: '<rootDir>/jest.sequencer.cjs',
  // As many as the cores it has to do with: with one more, systems under load wait for each other longer than they promise.
  maxWorkers: 2,
  // What suites leave behind would fill a worker's heap in the end, and make it slow long before.
  workerIdleMemoryLimit: '1GB',
  // Here for `npm test`, in the preset for `nx test`: Jest takes it from whichever it starts with.
  testTimeout: require('./jest.preset.cjs')('root').testTimeout,
};

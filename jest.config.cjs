module.exports = {
  projects: ['<rootDir>/libs/*/jest.config.cjs', '<rootDir>/apps/*/jest.config.cjs', '<rootDir>/tools/*/jest.config.cjs'],
  testSequencer: '<rootDir>/jest.sequencer.cjs',
  // One more than the cores it has to do with: suites with whole systems wait for a lease here and a restart there.
  maxWorkers: 3,
  // Here for `npm test`, in the preset for `nx test`: Jest takes it from whichever it starts with.
  testTimeout: require('./jest.preset.cjs')('root').testTimeout,
};

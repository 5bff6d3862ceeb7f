module.exports = {
  projects: ['<rootDir>/libs/*/jest.config.cjs', '<rootDir>/apps/*/jest.config.cjs', '<rootDir>/tools/*/jest.config.cjs'],
  testSequencer: '<rootDir>/jest.sequencer.cjs',
  // Here for `npm test`, in the preset for `nx test`: Jest takes it from whichever it starts with.
  testTimeout: require('./jest.preset.cjs')('root').testTimeout,
};

module.exports = {
  projects: ['<rootDir>/libs/*/jest.config.cjs', '<rootDir>/apps/*/jest.config.cjs', '<rootDir>/tools/*/jest.config.cjs', '<rootDir>/examples/*/jest.config.cjs'],
  testSequencer: '<rootDir>/jest.sequencer.cjs',
  // One worker per core of a machine with two. With one more, systems under load wait for each other beyond their time limits.
  maxWorkers: 2,
  // A worker above this limit is replaced, because the garbage of many suites fills its heap and makes it slow.
  workerIdleMemoryLimit: '1GB',
  // Here for `npm test`, in the preset for `nx test`: Jest takes it from whichever it starts with.
  testTimeout: require('./jest.preset.cjs')('root').testTimeout,
};

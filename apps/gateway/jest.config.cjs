module.exports = {
  ...require('../../jest.preset.cjs')('gateway'),
  setupFilesAfterEnv: ['<rootDir>/src/testing/check-answers.ts'],
};

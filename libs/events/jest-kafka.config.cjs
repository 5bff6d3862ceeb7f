const preset = require('../../jest.preset.cjs')('events-kafka');

// `npm run test:kafka` runs these specs. They start a real Kafka, which may have to be fetched first.
module.exports = { ...preset, testMatch: ['<rootDir>/src/kafka/**/*.spec.ts'], testTimeout: 180_000 };

const preset = require('../../jest.preset.cjs')('events-kafka');

// `npm run test:kafka`: the suites that start a real Kafka.
module.exports = { ...preset, testMatch: ['<rootDir>/src/**/*.kafka.spec.ts'], testTimeout: 120_000 };

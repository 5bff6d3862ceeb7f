const preset = require('../../jest.preset.cjs')('events');

// What needs a real Kafka runs by `npm run test:kafka`, which has a configuration of its own.
module.exports = { ...preset, testPathIgnorePatterns: ['/node_modules/', '<rootDir>/src/kafka/'] };

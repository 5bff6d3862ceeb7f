const preset = require('../../jest.preset.cjs')('events');

// Specs that need a real Kafka run by `npm run test:kafka`, with their own configuration.
module.exports = { ...preset, testPathIgnorePatterns: ['/node_modules/', '<rootDir>/src/kafka/'] };

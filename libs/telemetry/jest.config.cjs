module.exports = require('../../jest.preset.cjs')('telemetry');

module.exports = require('../../jest.preset.cjs')('events');

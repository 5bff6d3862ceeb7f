module.exports = require('../../jest.preset.cjs')('producer-consumer');

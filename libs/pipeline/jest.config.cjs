module.exports = require('../../jest.preset.cjs')('pipeline');

module.exports = require('../../jest.preset.cjs')('supervision');

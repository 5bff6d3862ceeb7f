module.exports = require('../../jest.preset.cjs')('monolith');

module.exports = require('../../jest.preset.cjs')('basket-manager');

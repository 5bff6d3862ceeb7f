module.exports = require('../../jest.preset.cjs')('basket-server');

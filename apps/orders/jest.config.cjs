module.exports = require('../../jest.preset.cjs')('orders');

module.exports = require('../../jest.preset.cjs')('till');

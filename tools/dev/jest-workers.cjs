// Jest transforms its own modules only. A worker thread of a test loads its files by Node's loader with our hook.
const { pathToFileURL } = require('node:url');

process.execArgv.push('--conditions=@aisle/source', '--import', pathToFileURL(require.resolve('./swc-hook.mjs')).href);

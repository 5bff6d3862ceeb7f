// Jest transforms what it loads itself. A worker thread that a test starts loads its own files, by Node's loader and our hook.
const { pathToFileURL } = require('node:url');

process.execArgv.push('--conditions=@aisle/source', '--import', pathToFileURL(require.resolve('./swc-hook.mjs')).href);

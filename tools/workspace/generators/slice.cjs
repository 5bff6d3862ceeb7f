const { join } = require('node:path');
const { generateFiles } = require('@nx/devkit');
const { spellings } = require('./names.cjs');

/** `npx nx g @aisle/tools:slice <noun> --app <app>`: the rules of a noun, their spec, its rows and their table. */
module.exports = async function slice(tree, { name, app }) {
  if (!tree.exists(`apps/${app}/package.json`)) throw new Error(`there is no apps/${app}`);
  const folder = `apps/${app}/src/${name}`;
  if (tree.exists(folder)) throw new Error(`there is a ${folder}`);
  generateFiles(tree, join(__dirname, 'files/slice'), folder, { ...spellings(name), timestamp: Date.now() });
  return () => console.log(`Add the migration at the end of the list in apps/${app}/src/schema.ts, and the table's rights below it.`);
};

const { join } = require('node:path');
const { generateFiles, installPackagesTask } = require('@nx/devkit');
const sync = require('./sync.cjs');

/** Makes a project from a folder of templates, and updates the workspace for it. */
async function newProject(tree, { kind, template, skipInstall, ...values }) {
  const folder = `${kind}/${values.name}`;
  if (tree.exists(folder)) throw new Error(`there is a ${folder}`);
  generateFiles(tree, join(__dirname, 'files', template), folder, values);
  tree.write(`${folder}/tsconfig.json`, tsconfig(referencesOf(tree, folder)));
  addReference(tree, 'tsconfig.json', folder);
  await sync(tree);
  if (kind === 'apps') addReference(tree, 'tools/workspace/tsconfig.json', `../../${folder}`);
  return () => {
    if (!skipInstall) installPackagesTask(tree, true);
  };
}

function addReference(tree, path, reference) {
  const config = JSON.parse(tree.read(path, 'utf8'));
  config.references.push({ path: reference });
  tree.write(path, `${JSON.stringify(config, null, 2)}\n`);
}

function tsconfig(references) {
  const compilerOptions = { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/tsconfig.tsbuildinfo' };
  return `${JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['src'], references }, null, 2)}\n`;
}

/** Project references follow from the dependencies; `nx sync` maintains them. */
function referencesOf(tree, folder) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(tree.read(`${folder}/package.json`, 'utf8'));
  const names = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name.startsWith('@aisle/'));
  return names.map((name) => {
    const project = name.slice('@aisle/'.length);
    const group = ['libs', 'tools', 'apps'].find((each) => tree.exists(`${each}/${project}/package.json`));
    const path = `${group}/${project}`;
    return { path: folder.startsWith(`${group}/`) ? `../${project}` : `../../${path}` };
  });
}

module.exports = { newProject };

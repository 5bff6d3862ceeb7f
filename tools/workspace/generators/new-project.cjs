const { execSync } = require('node:child_process');
const { join } = require('node:path');
const { generateFiles, installPackagesTask } = require('@nx/devkit');
const sync = require('./sync.cjs');

/** Makes a project from a folder of templates, and all that follows from there being one more. */
async function newProject(tree, { kind, template, skipInstall, ...values }) {
  const folder = `${kind}/${values.name}`;
  if (tree.exists(folder)) throw new Error(`there is a ${folder}`);
  generateFiles(tree, join(__dirname, 'files', template), folder, values);
  tree.write(`${folder}/tsconfig.json`, tsconfig(referencesOf(tree, folder)));
  const root = JSON.parse(tree.read('tsconfig.json', 'utf8'));
  root.references.push({ path: folder });
  tree.write('tsconfig.json', `${JSON.stringify(root, null, 2)}\n`);
  await sync(tree);
  if (skipInstall) return undefined;
  return () => {
    installPackagesTask(tree, true);
    // The references of the projects that have just got a dependency on this one.
    execSync('npx nx sync', { cwd: tree.root, stdio: 'inherit' });
  };
}

function tsconfig(references) {
  const compilerOptions = { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/tsconfig.tsbuildinfo' };
  return `${JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['src'], references }, null, 2)}\n`;
}

/** Project references follow from the dependencies; `nx sync` keeps them so. */
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

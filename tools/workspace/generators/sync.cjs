// `npx nx sync` runs this. `nx sync:check` (in `npm run lint`) fails if it would change a file.
const { appsIn } = require('./apps.cjs');
const { architectureTable } = require('./architecture-table.cjs');
const { composeServices } = require('./compose-services.cjs');
const { appList, monolithApps, monolithSchemas } = require('./app-lists.cjs');

/** @param {import('@nx/devkit').Tree} tree */
module.exports = async function sync(tree) {
  const apps = appsIn(tree);
  write(tree, 'tools/dev/src/app-list.ts', appList(apps));
  write(tree, 'tools/workspace/src/monolith/apps.ts', monolithApps(apps));
  write(tree, 'tools/workspace/src/monolith/schemas.ts', monolithSchemas(apps));
  write(tree, 'tools/workspace/package.json', monolithManifest(tree, apps));
  replaceBetween(tree, 'docker/compose.yaml', / {2}# Apps: .*\n/, / {2}# End of the apps\.\n/, composeServices(apps));
  replaceBetween(tree, 'ARCHITECTURE.md', /<!-- projects: .*-->\n/, /<!-- end of projects -->\n/, architectureTable(tree, apps));
  return { outOfSyncMessage: 'Files that follow from the package.json of the projects are out of date.' };
};

function monolithManifest(tree, apps) {
  const manifest = JSON.parse(tree.read('tools/workspace/package.json', 'utf8'));
  const others = Object.entries(manifest.dependencies).filter(([name]) => !isApp(tree, name));
  const all = [...others, ...apps.map(({ name }) => [`@aisle/${name}`, '*'])].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ ...manifest, dependencies: Object.fromEntries(all) }, null, 2)}\n`;
}

/** Also true for a deleted app: a workspace package that is neither a lib nor a tool. */
function isApp(tree, dependency) {
  const name = dependency.replace(/^@aisle\//, '');
  return name !== dependency && !tree.exists(`libs/${name}/package.json`) && !tree.exists(`tools/${name}/package.json`);
}

function replaceBetween(tree, path, begin, end, text) {
  const whole = tree.read(path, 'utf8');
  const from = begin.exec(whole);
  const to = end.exec(whole);
  if (!from || !to) throw new Error(`${path} lacks ${from ? end.source : begin.source}`);
  write(tree, path, whole.slice(0, from.index + from[0].length) + text + whole.slice(to.index));
}

function write(tree, path, text) {
  if (tree.read(path, 'utf8') !== text) tree.write(path, text);
}

// The apps, from their folders. An app's package.json has its facts beyond the code under `aisle`.

/** The stages of apps, from the outside inwards. Apps that take requests stop first, and apps that keep state start first. */
const STAGES = ['edge', 'work', 'routing', 'state'];

/**
 * The fields of `aisle`:
 * - stage: `edge` takes requests, `routing` passes them on, `state` answers from memory, `work` does the rest.
 * - port: the port for its users, if it has any.
 * - instances: processes under `npm start`, numbered; by default one without a number. replicas: the same for compose.
 * - migratesAfter: apps whose schemas the app uses.
 * - environment: more variables in compose.
 */
const FIELDS = ['stage', 'port', 'instances', 'replicas', 'migratesAfter', 'environment'];

/** All apps of the workspace, by stage and name. Throws an error that names a wrong package.json. */
function appsIn(tree) {
  const apps = tree.children('apps').filter((name) => tree.exists(`apps/${name}/package.json`)).map((name) => appOf(tree, name));
  for (const { name, migratesAfter } of apps) {
    for (const other of migratesAfter) {
      if (!apps.some((app) => app.name === other)) throw wrong(name, `migratesAfter names ${other}, which is no app`);
    }
  }
  return apps.sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) || (a.name < b.name ? -1 : 1));
}

function appOf(tree, name) {
  const { description, aisle: facts = {} } = JSON.parse(tree.read(`apps/${name}/package.json`, 'utf8'));
  const unknown = Object.keys(facts).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw wrong(name, `${unknown} is none of ${FIELDS.join(', ')}`);
  if (!STAGES.includes(facts.stage)) throw wrong(name, `stage is one of ${STAGES.join(', ')}, not ${facts.stage}`);
  return {
    name, description, migratesAfter: [], environment: {}, ...facts,
    camel: name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()),
    hasTables: tree.exists(`apps/${name}/src/migrate.ts`),
  };
}

function wrong(name, what) {
  return new Error(`apps/${name}/package.json, under "aisle": ${what}`);
}

module.exports = { STAGES, appsIn };

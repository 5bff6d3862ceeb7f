const { spellings } = require('./names.cjs');
const { newProject } = require('./new-project.cjs');

/** `npx nx g @aisle/tools:lib <name> --layer <0 to 9>`: a lib that imports @aisle/std. */
module.exports = async function lib(tree, { name, layer, description, skipInstall }) {
  return newProject(tree, {
    kind: 'libs', template: 'lib', skipInstall, ...spellings(name), layer, description: description ?? `What ${name} is for.`,
  });
};

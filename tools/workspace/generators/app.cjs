const { spellings } = require('./names.cjs');
const { newProject } = require('./new-project.cjs');

/** An event of the topic, for the spec. */
const EXAMPLES = {
  orders: { type: 'OrderCancelled', data: `{ orderId: 'o1', market: 'm1' }` },
  inventory: { type: 'InventoryUpdated', data: `{ orderId: 'o1', market: 'm1', lines: [{ sku: 'tea', quantity: 1 }], missing: [] }` },
  markets: { type: 'ReservationExpired', data: `{ orderId: 'o1', market: 'm1' }` },
};

/** `npx nx g @aisle/tools:app <name>`: an app that reacts to the events of a topic. */
module.exports = async function app(tree, { name, topic, description, skipInstall }) {
  const install = await newProject(tree, {
    kind: 'apps', template: 'app', skipInstall, ...spellings(name), topic, example: EXAMPLES[topic],
    description: description ?? `Counts the events of the topic ${topic}.`,
    versions: dependenciesOf(tree, 'inventory'),
    timestamp: Date.now(),
  });
  return () => {
    install();
    console.log(
      `Two steps remain:\n`
      + `- The app that writes the topic ${topic} keeps events for the consumers that it names. Add '${name}' to what its\n`
      + '  .module.ts publishes. Otherwise earlier events than the first start of this app are not kept for it.\n'
      + '- Run `npm run erd`, which draws its table into docs/erd.md.',
    );
  };
};

/** The versions that another app has. */
function dependenciesOf(tree, project) {
  return JSON.parse(tree.read(`apps/${project}/package.json`, 'utf8')).dependencies;
}

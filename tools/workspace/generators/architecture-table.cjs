/** The rows of the code map: libs by layer, then the apps from the outside inwards. */
function architectureTable(tree, apps) {
  const libs = tree.children('libs').filter((name) => tree.exists(`libs/${name}/package.json`)).map((name) => {
    const { description, nx: { tags } } = JSON.parse(tree.read(`libs/${name}/package.json`, 'utf8'));
    const [, layer] = /layer:(\d)/.exec(tags.join()) ?? [];
    return { layer, name, description };
  });
  const rows = [
    ...libs.sort((a, b) => (a.layer + a.name < b.layer + b.name ? -1 : 1)),
    ...apps.map(({ name, description }) => ({ layer: 'app', name, description })),
  ];
  const lines = rows.map(({ layer, name, description }) => `| ${layer} | \`${name}\` | ${description} |`);
  return ['| layer | project | what it is |', '|---|---|---|', ...lines].join('\n') + '\n';
}

module.exports = { architectureTable };

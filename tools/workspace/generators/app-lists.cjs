const { STAGES } = require('./apps.cjs');

const HEAD = '// Made from the package.json of each app by `npx nx sync`; do not edit.\n';

/** For the launcher and the tests: the apps by name, with their types. */
function appList(apps) {
  const rows = apps.map(({ name, stage, port, instances, migratesAfter, hasTables }) => {
    const facts = { stage, ...(port && { port }), ...(instances && { instances }), migratesAfter, hasTables };
    const fields = Object.entries(facts).map(([key, value]) => `${key}: ${literal(value)}`).join(', ');
    return `  ${/^\w+$/.test(name) ? name : `'${name}'`}: { ${fields} },`;
  });
  return `${HEAD}
/** The start, stop and migration of an app. \`tools/workspace/generators/apps.cjs\` explains each field. */
export interface AppFacts {
  readonly stage: ${STAGES.map((stage) => `'${stage}'`).join(' | ')};
  readonly port?: number;
  readonly instances?: number;
  readonly migratesAfter: readonly AppName[];
  readonly hasTables: boolean;
}

/** From the outside inwards. */
export type AppName = ${apps.map(({ name }) => `'${name}'`).join(' | ')};

/** From the outside inwards: the stop order. */
export const STAGES: readonly AppFacts['stage'][] = [${STAGES.map((stage) => `'${stage}'`).join(', ')}];

export const APPS: Readonly<Record<AppName, AppFacts>> = {
${rows.join('\n')}
};

export const APP_NAMES = Object.keys(APPS) as AppName[];
`;
}

/**
 * Every app of the monolith, and the configuration of all. If two apps share a name, the outer app's meaning counts.
 */
function monolithApps(apps) {
  const [edge] = apps;
  const inner = [...STAGES].reverse().flatMap((stage) => apps.filter((app) => app.stage === stage));
  const others = inner.filter((app) => app !== edge);
  return `${HEAD}${[...apps].sort(byName).map(({ name, camel }) => `import { ${camel} } from '@aisle/${name}';\n`).join('')}
/** From the inside outwards, so that nothing takes a request before it can be answered. Stopped in the reverse order. */
export const APPS = [${inner.map(({ camel }) => camel).join(', ')}];

export const config = ${edge.camel}.config.extend({
${others.map(({ camel }) => `  ...${camel}.config.shape,\n`).join('')}});
`;
}

/** The apps' schemas, each after the apps whose schemas it uses. */
function monolithSchemas(apps) {
  const done = [];
  const add = (app) => {
    if (done.includes(app) || !app.hasTables) return;
    for (const { name } of apps.filter(({ name: other }) => app.migratesAfter.includes(other))) add(apps.find((one) => one.name === name));
    done.push(app);
  };
  [...apps].sort(byName).forEach(add);
  const imports = [...done].sort(byName).map(({ name, camel }) => `import { ${camel}Schemas } from '@aisle/${name}/schema';\n`);
  return `${HEAD}${imports.join('')}import type { AppSchemas } from '@aisle/platform';

/** In the order in which they are made. */
export const appSchemas: readonly AppSchemas[] = [
${done.map(({ name, camel }) => `  { name: '${name}', schemas: ${camel}Schemas },\n`).join('')}];
`;
}

function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}

function literal(value) {
  return Array.isArray(value) ? `[${value.map(literal).join(', ')}]` : typeof value === 'string' ? `'${value}'` : String(value);
}

module.exports = { appList, monolithApps, monolithSchemas };

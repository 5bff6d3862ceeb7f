/** The services of docker/compose.yaml that run the apps and migrate their schemas. */
function composeServices(apps) {
  const migrated = apps.filter(({ hasTables }) => hasTables);
  return [...migrated.map(migration), ...apps.map((app) => service(app, apps))].join('\n') + '\n';
}

function migration(app) {
  return `  migrate-${app.name}:
    <<: *migrate
    image: aisle/${app.name}
    build: ${build(app)}
    environment: { <<: *migration, ${databaseUrl(app)} }
${waits(app.migratesAfter.map((name) => [`migrate-${name}`, 'service_completed_successfully']))}`;
}

function service(app, apps) {
  const { name, stage, port, replicas, hasTables, environment } = app;
  const host = stage === 'edge' ? `\${PORT:-${port}}` : port;
  const variables = [
    ...(hasTables ? [databaseUrl(app)] : []),
    ...Object.entries({ ...(port && { PORT: port }), ...environment }).map(([key, value]) => `${key}: ${value}`),
  ];
  const waitsFor = [
    ...(hasTables ? [[`migrate-${name}`, 'service_completed_successfully']] : []),
    ...(stage === 'edge' ? apps.filter((other) => other !== app).map((other) => [other.name, 'service_healthy']) : [['redis', 'service_healthy']]),
  ];
  return `  ${name}:
    <<: *app
    image: aisle/${name}
    build: ${build(app)}
${replicas ? `    deploy: { replicas: ${replicas} }\n` : ''}${port ? `    ports: ['127.0.0.1:${host}:${port}']\n` : ''}    environment:
      <<: *environment
${variables.map((variable) => `      ${variable}\n`).join('')}    healthcheck: *ready
${waits(waitsFor)}`;
}

function build({ name }) {
  return `{ context: .., dockerfile: docker/Dockerfile, args: { APP: ${name} } }`;
}

// Each app has its own role in the database. Its migration creates the role, and grants it the required rights.
function databaseUrl({ name }) {
  return `DATABASE_URL: 'postgres://aisle_${name.replaceAll('-', '_')}:\${APP_PASSWORD:-development-only}@postgres:5432/aisle'`;
}

function waits(conditions) {
  if (conditions.length === 0) return '';
  return `    depends_on:\n${conditions.map(([name, condition]) => `      ${name}: { condition: ${condition} }\n`).join('')}`;
}

module.exports = { composeServices };

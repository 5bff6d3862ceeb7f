import 'reflect-metadata';
import { memoryLinks, runApp, type RunningApp } from '@aisle/platform';
import { APPS, config } from './apps.ts';

await runApp({
  name: 'monolith',
  config,
  links: memoryLinks,
  async start(context) {
    const running: RunningApp[] = [];
    const trees: (() => unknown)[] = [];
    context.view('tree', () => trees.flatMap((show) => show()));
    for (const app of APPS) {
      // Two apps have a journal, so each is asked about its own.
      const health: typeof context.health = {
        readiness: () => context.health.readiness(),
        check: (name, check) => context.health.check(`${app.name}: ${name}`, check),
      };
      // Each is also asked for its shards; trees are shown side by side.
      const view: typeof context.view = (name, show, query) => {
        context.view(`${app.name}/${name}`, show, query);
        if (name === 'tree') trees.push(show as () => unknown);
      };
      const operation: typeof context.operation = (name, body, run) => context.operation(`${app.name}/${name}`, body, run);
      running.unshift(await app.start({ ...context, health, view, operation }));
    }
    return {
      async stop() {
        for (const app of running) await app.stop();
      },
    };
  },
});

import 'reflect-metadata';
import { basketManager } from '@aisle/basket-manager';
import { basketServer } from '@aisle/basket-server';
import { gateway } from '@aisle/gateway';
import { memoryLinks, runApp, type RunningApp } from '@aisle/platform';

// Servers first: nothing takes a request before somebody can answer it. Stopped the other way round.
const APPS = [basketServer, basketManager, gateway];

await runApp({
  name: 'monolith',
  config: gateway.config.extend(basketServer.config.shape),
  links: memoryLinks,
  async start(context) {
    const running: RunningApp[] = [];
    for (const app of APPS) running.unshift(await app.start(context));
    return {
      async stop() {
        for (const app of running) await app.stop();
      },
    };
  },
});

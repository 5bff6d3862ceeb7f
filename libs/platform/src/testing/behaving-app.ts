// An app for tests. It listens on PORT if there is one. If UNREADY gives a reason, it is not ready until the first SIGUSR2. The next
// SIGUSR2 runs BEHAVIOUR on the event loop.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { systemRuntime } from '@aisle/std';
import { z } from 'zod';
import { BaseConfig, portFromEnvironment } from '../config.ts';
import { memoryLinks } from '../links.ts';
import { runApp } from '../run-app.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';

/** Well below the watchdog's limit in any test. */
const TURN_MS = 200;
const TURNS = 20;
/** Well above that limit. */
const PAUSE_MS = 5_000;

const BEHAVIOURS = {
  loop: function endlessLoop() {
    for (;;);
  },
  wait: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  promises: () => void promises(),
  log(logger) {
    for (;;) logger.info('much happened', { much: 'x'.repeat(1_000) });
  },
  crash(logger) {
    logger.info('all is well');
    for (let n = 0; n < 1_000; n += 1) logger.error('order not placed', { order: n, ...errorFields(new Error('the shop is closed')) });
    systemRuntime.defer(() => {
      throw new Error('no more orders', { cause: new Error('the shop is closed') });
    });
  },
  match: () => void /^(a+)+$/.test(`${'a'.repeat(50)}b`),
  toil: () => toil(TURNS),
  pause() {
    spin(PAUSE_MS);
    end();
  },
} satisfies Record<string, (logger: Logger) => void>;

/** Microtasks keep timers from running. */
async function promises(): Promise<never> {
  for (;;) await Promise.resolve();
}

/** Blocks the event loop again and again, with a turn of the loop in between, and then ends the process. */
function toil(turns: number): void {
  if (turns === 0) return end();
  spin(TURN_MS);
  systemRuntime.defer(() => toil(turns - 1));
}

function spin(ms: number): void {
  const { clock } = systemRuntime;
  for (const fromMs = clock.monotonicMs(); clock.monotonicMs() < fromMs + ms;);
}

function end(): void {
  process.kill(process.pid, 'SIGTERM');
}

await runApp({
  name: 'behaving',
  config: BaseConfig.extend({
    PORT: portFromEnvironment.optional(),
    UNREADY: z.string().optional(),
    BEHAVIOUR: z.enum(Object.keys(BEHAVIOURS) as (keyof typeof BEHAVIOURS)[]).default('loop'),
  }),
  links: memoryLinks,
  start: async ({ config, logger, health }) => {
    let unready = config.UNREADY;
    health.check('wish', () => unready);
    const server = createServer((_request, response) => response.end());
    if (config.PORT !== undefined) await once(server.listen(config.PORT, config.HOST), 'listening');
    process.on('SIGUSR2', () => {
      if (unready === undefined) BEHAVIOURS[config.BEHAVIOUR](logger);
      unready = undefined;
    });
    process.stderr.write('ready to behave\n');
    return { stop: async () => void server.close() };
  },
});

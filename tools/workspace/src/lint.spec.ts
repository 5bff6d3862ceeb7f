import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../../..');

const boundaries = '@nx/enforce-module-boundaries';
const noApps = 'house/no-apps';
const database = 'house/database-home';
const redis = 'house/redis-home';
const queues = 'house/queues-home';
const zones = 'house/zones-home';
const nest = 'house/nest-at-the-edge';
const pure = 'house/pure';
const names = 'house/file-names';
const docs = 'house/doc-comments';
const fileImports = 'house/file-imports';
const everyTestRuns = 'house/every-test-runs';

// The path of a text, the text, and the rule that refuses it.
const forbidden: [path: string, code: string, rule: string][] = [
  ['libs/std/src/clock.ts', `import { Money } from '@aisle/contracts';`, boundaries],
  ['libs/registry/src/names.ts', `import { Journal } from '@aisle/journal';`, boundaries],
  ['libs/broker/src/frame.ts', `import { Registry } from '@aisle/registry';`, boundaries],
  ['libs/registry/src/names.ts', `const journal = await import('@aisle/journal');`, boundaries],
  ['libs/journal/src/append.ts', `import { ensureInfra } from '@aisle/dev';`, boundaries],
  ['libs/journal/src/append.ts', `import { assert } from '../../std/src/assert.ts';`, boundaries],
  ['libs/cluster/src/hosting/shards.ts', `import { World } from '@aisle/simulation';`, boundaries],
  ['apps/gateway/src/main.ts', `import { manager } from '@aisle/basket-manager';`, noApps],
  ['apps/gateway/src/main.ts', `import { manager } from '../../basket-manager/src/main.ts';`, boundaries],
  ['apps/gateway/src/main.ts', `import { ensureInfra } from '@aisle/dev';`, boundaries],
  ['tools/bench/src/run.ts', `import { gateway } from '@aisle/gateway';`, noApps],
  ['libs/journal/src/append.ts', `import { gateway } from '@aisle/gateway';`, noApps],

  ['apps/basket-server/src/basket.ts', `import { Entity } from 'typeorm';`, database],
  ['apps/gateway/src/baskets/basket.ts', `import type { Pool } from 'pg';`, database],
  ['libs/pricing/src/money.ts', `import { QueryBuilder } from 'typeorm/browser';`, database],
  ['apps/gateway/src/baskets/basket.ts', `import { Redis } from 'ioredis';`, redis],
  ['libs/journal/src/append.ts', `import { Redis } from 'ioredis';`, redis],
  ['apps/gateway/src/baskets/basket.ts', `import { Queue } from 'bullmq';`, queues],
  ['libs/broker/src/frame.ts', `import { Kafka } from 'kafkajs';`, queues],
  ['apps/market/src/prices.ts', `import { Temporal } from 'temporal-polyfill';`, zones],
  ['apps/basket-server/src/basket.ts', `import { Injectable } from '@nestjs/common';`, nest],
  ['apps/basket-server/src/basket.actor.ts', `import type { Type } from '@nestjs/common';`, nest],
  ['libs/supervision/src/supervisor.ts', `import { Logger } from '@nestjs/common';`, nest],

  ['libs/std/src/clock.ts', `import { z } from 'zod';`, pure],
  ['libs/contracts/src/money.ts', `import { readFileSync } from 'node:fs';`, pure],
  ['libs/pricing/src/engine/memo.ts', `import { LRUCache } from 'lru-cache';`, pure],

  ['libs/supervision/src/supervisor.ts', `setTimeout(restart, 10);`, 'no-restricted-globals'],
  ['tools/simulation/src/world/world.ts', `setTimeout(restart, 10);`, 'no-restricted-globals'],
  ['libs/supervision/src/supervisor.ts', `globalThis.setTimeout(restart, 10);`, 'no-restricted-globals'],
  ['apps/gateway/src/main.ts', `setImmediate(restart);`, 'no-restricted-globals'],
  ['libs/journal/src/append.ts', `const nowMs = Date.now();`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const { now } = Date;`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const id = crypto.randomUUID();`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `process.nextTick(flush);`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const now = new Date();`, 'no-restricted-syntax'],
  ['libs/journal/src/append.ts', `import { setTimeout } from 'node:timers/promises';`, 'no-restricted-imports'],
  ['libs/journal/src/append.ts', `import { randomUUID } from 'node:crypto';`, 'no-restricted-imports'],
  ['libs/journal/src/append.spec.ts', `setTimeout(done, 10);`, 'no-restricted-globals'],
  ['apps/gateway/src/main.ts', `const port = process.env.PORT;`, 'no-restricted-properties'],
  ['libs/std/src/clock.ts', `const zone = process.env.TZ;`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const wait = setInterval;`, 'no-restricted-globals'],
  ['libs/journal/src/append.ts', `schedule({ setImmediate });`, 'no-restricted-globals'],
  ['libs/journal/src/append.ts', `const at = Date['now']();`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const at = Date();`, 'no-restricted-syntax'],
  ['libs/journal/src/append.ts', `const at = new globalThis.Date();`, 'no-restricted-syntax'],
  ['libs/journal/src/append.ts', `const id = globalThis.crypto.randomUUID();`, 'no-restricted-syntax'],
  ['libs/journal/src/append.ts', `const chance = Math.random();`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const at = process.hrtime.bigint();`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const signal = AbortSignal.timeout(10);`, 'no-restricted-properties'],
  ['libs/journal/src/append.ts', `const { performance } = await import('node:perf_hooks'); performance.now();`, 'no-restricted-properties'],

  ['libs/std/src/virtualRuntime.ts', ``, names],
  ['libs/std/src/virtual_runtime.ts', ``, names],
  ['libs/std/src/utils/clock.ts', ``, names],
  ['apps/gateway/src/types.ts', ``, names],
  ['apps/gateway/src/basket.service.ts', ``, names],

  ['libs/std/src/clock.ts', `/** What is due. */ export const due = 1;`, docs],
  ['libs/journal/src/append.ts', `/**\n * Who owns a shard.\n */\nexport const owner = 1;`, docs],
  ['libs/events/src/wake.ts', `export interface Wake { /** Whoever waits. */ waiting: number }`, docs],
  ['tools/dev/src/start.ts', `/** Where the gateway listens. */ export const port = 1;`, docs],
  ['tools/chaos/src/chaos.ts', `/** How long a fault lasts. */ export const ms = 1;`, docs],

  ['libs/std/src/clock.ts', `import { assert } from './assert'; assert;`, fileImports],
  ['libs/std/src/clock.ts', `import { assert } from './assert.js'; assert;`, fileImports],
  ['libs/std/src/clock.ts', `export * from './assert.ts';`, 'house/named-exports'],
  ['libs/std/src/clock.ts', `import { assert } from './index.ts'; assert;`, 'house/own-index'],
  ['libs/std/src/deep/clock.ts', `export { assert } from '../index.ts';`, 'house/own-index'],

  ['libs/std/src/clock.ts', `// TODO: later`, 'no-warning-comments'],
  ['tools/dev/src/start.ts', `const a = 1; /* a FIXME */`, 'no-warning-comments'],
  ['libs/std/src/clock.spec.ts', `it.skip('works', run);`, everyTestRuns],
  ['libs/std/src/clock.spec.ts', `describe.only('a', run);`, everyTestRuns],
  ['libs/std/src/clock.spec.ts', `it.skip.each(rows)('a', run);`, everyTestRuns],
  ['libs/std/src/clock.spec.ts', `test.concurrent.only('a', run);`, everyTestRuns],
  ['libs/std/src/clock.spec.ts', `xit('works', run);`, everyTestRuns],

  ['libs/std/src/clock.ts', `run();\n`.repeat(401), 'max-lines'],
  ['libs/std/src/clock.spec.ts', `run();\n`.repeat(401), 'max-lines'],
];

// Texts that the same rules permit: a rule that refuses everything proves nothing.
const allowed: [path: string, code: string][] = [
  ['libs/journal/src/append.ts', `import { assert } from '@aisle/std'; assert(true, '');`],
  ['libs/journal/src/append.int.spec.ts', `import { ensureInfra } from '@aisle/dev'; await ensureInfra();`],
  ['libs/journal/src/testing/database.ts', `import { ensureInfra } from '@aisle/dev'; await ensureInfra();`],
  ['libs/cluster/src/cluster.sim.ts', `import { World } from '@aisle/simulation'; new World(1);`],
  ['libs/cluster/src/testing/scenario.ts', `import { World } from '@aisle/simulation'; new World(1);`],
  ['tools/bench/src/run.ts', `import { ensureInfra } from '@aisle/dev'; await ensureInfra();`],
  ['tools/workspace/src/monolith/main.ts', `import { gateway } from '@aisle/gateway'; gateway();`],
  ['libs/journal/src/append.ts', `import { Pool } from 'pg'; new Pool();`],
  ['apps/basket-server/src/basket.row.ts', `import { Entity } from 'typeorm'; Entity();`],
  ['libs/broker/src/redis-transport.ts', `import { Redis } from 'ioredis'; new Redis();`],
  ['apps/gateway/src/baskets/baskets.controller.ts', `import { Get } from '@nestjs/common'; Get();`],
  ['libs/broker/src/nest/server.ts', `import { Server } from '@nestjs/microservices'; Server();`],
  ['libs/contracts/src/money.ts', `import { z } from 'zod'; z.string();`],
  ['libs/std/src/runtime.ts', `setTimeout(() => Date.now(), 10);`],
  ['libs/journal/src/append.ts', `export const at = new Date(0); timers.setTimeout(at);`],
  ['libs/journal/src/append.ts', `import { createHash } from 'node:crypto'; createHash('sha256');`],
  ['libs/platform/src/config.ts', `export const port = process.env.PORT;`],
  ['tools/dev/src/start.ts', `setTimeout(() => process.env.PORT, 10);`],
  ['libs/journal/src/append.ts', `export const hint = 'setTimeout(run, 10); Date.now()'; // Date.now()`],
  ['libs/journal/src/append.ts', `export class Timers { setTimeout(): void {} }`],
  ['apps/basket-server/src/basket.actor.ts', ``],
  ['libs/journal/src/append.int.spec.ts', ``],
  ['libs/std/src/clock.spec.ts', `import { assert } from './index.ts'; assert(true, '');`],
  ['libs/std/src/clock.ts', `import { assert } from './assert.ts'; assert(true, ''); export * as all from './sleep.ts';`],
  ['libs/std/src/clock.spec.ts', `const advice = 'TODO'; list.skip(3); it(advice, run);`],
  ['libs/std/src/clock.ts', `// What follows is a comment of code, not of an export.\nexport const at = 1; /* Who knows? */`],
  ['libs/std/src/clock.ts', `/** Whether it fired. When it has, it is over. */ export const isOver = true;`],
  ['libs/std/src/clock.ts', `/** The clock. What it shows may jump. */ export const at = 1;`],
  ['libs/std/src/clock.ts', `run();\n`.repeat(400)],
];

describe('eslint.config.mjs', () => {
  let reports: string[][];

  beforeAll(() => {
    const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };
    const run = (command: string, args: string[], input = ''): string =>
      execFileSync(command, args, { cwd: root, env, input, encoding: 'utf8', stdio: 'pipe' });
    // The boundary rule reads Nx's last saved project graph. Without one it checks nothing.
    run('npx', ['--no-install', 'nx', 'show', 'projects']);
    const snippets = [...forbidden, ...allowed].map(([path, code]) => ({ path, code }));
    reports = JSON.parse(run('node', ['tools/workspace/eslint/lint-snippets.mjs'], JSON.stringify(snippets)));
  });

  it.each(forbidden.map((row, index) => [...row, index] as const))(
    'stops %s: %.80s (%s)',
    (_path, _code, rule, index) => {
      expect(reports[index]).toContain(rule);
    },
  );

  it.each(allowed.map((row, index) => [...row, forbidden.length + index] as const))(
    'lets through %s: %.80s',
    (_path, _code, index) => {
      expect(reports[index]?.filter((rule) => rule !== 'no-undef')).toEqual([]);
    },
  );
});

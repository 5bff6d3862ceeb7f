// Made from the package.json of each app by `npx nx sync`; do not edit.

/** The start, stop and migration of an app. `tools/workspace/generators/apps.cjs` explains each field. */
export interface AppFacts {
  readonly stage: 'edge' | 'work' | 'routing' | 'state';
  readonly port?: number;
  readonly instances?: number;
  readonly migratesAfter: readonly AppName[];
  readonly hasTables: boolean;
}

/** From the outside inwards. */
export type AppName = 'gateway' | 'inventory' | 'orders' | 'producer-consumer' | 'basket-manager' | 'basket-server' | 'market';

/** From the outside inwards: the stop order. */
export const STAGES: readonly AppFacts['stage'][] = ['edge', 'work', 'routing', 'state'];

export const APPS: Readonly<Record<AppName, AppFacts>> = {
  gateway: { stage: 'edge', port: 3000, migratesAfter: [], hasTables: true },
  inventory: { stage: 'work', migratesAfter: [], hasTables: true },
  orders: { stage: 'work', migratesAfter: [], hasTables: true },
  'producer-consumer': { stage: 'work', port: 4000, migratesAfter: [], hasTables: true },
  'basket-manager': { stage: 'routing', instances: 2, migratesAfter: ['basket-server', 'market'], hasTables: true },
  'basket-server': { stage: 'state', instances: 2, migratesAfter: [], hasTables: true },
  market: { stage: 'state', migratesAfter: [], hasTables: true },
};

export const APP_NAMES = Object.keys(APPS) as AppName[];

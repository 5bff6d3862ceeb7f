import { z } from 'zod';
import { LIMITS, QuoteRequest } from './basket.ts';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Money } from './money.ts';
import { GivenText, Json, Text } from './text.ts';

const SOURCE_CHARS_MAX = 65_536;
const SAMPLES_MAX = 100;
const RECORDED_MAX = 200;

/** A strategy's, or a version's, own name: it is part of the source. */
export const StrategyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots and dashes, at most 64')
  .meta({ id: 'StrategyName' });

/** The body of `POST /strategies`: the source says its own name and version. */
export const LoadStrategy = z
  .strictObject({ source: GivenText.min(1).max(SOURCE_CHARS_MAX).meta({ description: 'a module in TypeScript or JavaScript' }) })
  .meta({ id: 'LoadStrategy' });
export type LoadStrategy = z.infer<typeof LoadStrategy>;

/** The body of `PUT …/rollout`. */
export const RolloutRequest = z
  .discriminatedUnion('state', [
    z.strictObject({ state: z.literal('active'), version: StrategyName }),
    z.strictObject({ state: z.literal('shadow'), version: StrategyName }),
    z.strictObject({ state: z.literal('canary'), version: StrategyName, percent: z.number().gt(0).max(100) }),
    z.strictObject({ state: z.literal('off') }),
  ])
  .meta({ id: 'RolloutRequest' });
export type RolloutRequest = z.infer<typeof RolloutRequest>;

/** The body of `POST …/simulate`: what the version would change of these baskets, or of the market's last ones. */
export const SimulateRequest = z
  .strictObject({
    market: Identifier,
    baskets: z.preprocess(boundedItems, listOf(QuoteRequest, { least: 1, most: SAMPLES_MAX })).optional(),
    recorded: z.int().min(1).max(RECORDED_MAX).optional()
      .meta({ description: 'so many baskets, those changed last; fewer when there are not so many, or they are large' }),
  })
  .refine(
    ({ baskets, recorded }) => (baskets === undefined) !== (recorded === undefined),
    { message: 'expected either baskets or recorded', path: ['baskets'] },
  )
  .meta({ id: 'SimulateRequest' });
export type SimulateRequest = z.infer<typeof SimulateRequest>;

/** Each basket may have as many items as all of them: they are counted before any is looked at. */
function boundedItems(baskets: unknown, { addIssue }: { addIssue(issue: { code: 'custom'; message: string }): void }): unknown {
  if (!Array.isArray(baskets)) return baskets;
  const items = baskets.reduce((sum: number, basket: unknown) => {
    const { items: list } = (basket ?? {}) as { items?: unknown };
    return sum + (Array.isArray(list) ? list.length : 0);
  }, 0);
  if (items <= LIMITS.linesPerBasket) return baskets;
  addIssue({ code: 'custom', message: `must have at most ${LIMITS.linesPerBasket} items in all` });
  return z.NEVER;
}

const StrategyState = z.enum(['draft', 'validated', 'shadow', 'canary', 'active', 'retired']).meta({ id: 'StrategyState' });

/** A version of a strategy. */
export const StrategyVersion = z
  .strictObject({
    name: StrategyName,
    version: StrategyName,
    sha256: Text.meta({ description: 'of the source' }),
    kind: z.enum(['line', 'basket']),
    scope: z.record(Text, Json).meta({ description: 'where it applies; what is absent does not restrict' }),
    state: StrategyState,
    createdAt: Instant,
    createdBy: Text,
    retired: Text.optional().meta({ description: 'why it is out of service' }),
    outcome: z.enum(['added', 'unchanged']).optional().meta({ description: 'what loading it did' }),
  })
  .meta({ id: 'StrategyVersion' });
export type StrategyVersion = z.infer<typeof StrategyVersion>;

/** A strategy, and which of its versions are in force. */
export const Strategy = z
  .strictObject({
    name: StrategyName,
    revision: z.int().meta({ description: 'grows with every change; the ETag' }),
    active: StrategyName.nullable(),
    shadow: StrategyName.nullable(),
    canary: z.strictObject({ version: StrategyName, percent: z.number() }).nullable(),
    before: z.array(StrategyName).meta({ description: 'what was active before, latest last' }),
  })
  .meta({ id: 'Strategy' });
export type Strategy = z.infer<typeof Strategy>;

/** Every strategy that is in force, or was. */
export const StrategyList = z
  .strictObject({ revision: z.int(), items: z.array(Strategy) })
  .meta({ id: 'StrategyList' });
export type StrategyList = z.infer<typeof StrategyList>;

/** All versions of a strategy, oldest first. */
export const StrategyVersions = z.strictObject({ items: z.array(StrategyVersion) }).meta({ id: 'StrategyVersions' });
export type StrategyVersions = z.infer<typeof StrategyVersions>;

/** What validating a version found. */
export const StrategyValidation = z
  .strictObject({ passed: z.boolean(), problems: z.array(Text) })
  .meta({ id: 'StrategyValidation' });
export type StrategyValidation = z.infer<typeof StrategyValidation>;

/** What a version would change. Differences are its price minus the present one: negative is cheaper. */
export const StrategySimulation = z
  .strictObject({
    baskets: z.int(),
    changed: z.int(),
    degraded: z.int().meta({ description: 'baskets on which the version failed' }),
    difference: Money,
    histogram: z.array(z.strictObject({ from: Money, to: Money, baskets: z.int() })),
  })
  .meta({ id: 'StrategySimulation' });
export type StrategySimulation = z.infer<typeof StrategySimulation>;

/** What was done to a strategy, latest first. */
export const StrategyAudit = z
  .strictObject({
    items: z.array(z.strictObject({
      at: Instant,
      by: Text,
      action: z.enum(['added', 'validated', 'refused', 'rolled-out', 'rolled-back', 'shadowed', 'retired']),
      version: Text.nullable(),
      details: z.record(Text, Json),
    })),
  })
  .meta({ id: 'StrategyAudit' });
export type StrategyAudit = z.infer<typeof StrategyAudit>;

import { z } from 'zod';
import { LIMITS, QuoteRequest } from './basket.ts';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Money } from './money.ts';
import { DisplayText, GivenText, Json, Text } from './text.ts';

const SOURCE_CHARS_MAX = 65_536;
const TESTS_MAX = 100;
const CODES_MAX = 100;
const NAMES_MAX = 1_000;
const SAMPLES_MAX = 100;
const RECORDED_MAX = 200;

/** The name of a strategy, or of a version. The source contains both. */
export const StrategyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must have 1 to 64 letters, digits, dots, dashes and underscores, and begin with a letter or digit')
  .meta({ id: 'StrategyName', description: 'a name of 1 to 64 letters, digits, dots, dashes and underscores' });

const Names = listOf(GivenText, { least: 1, most: NAMES_MAX });

/** The scope in which a strategy applies. An absent field does not restrict it. */
const StrategyScope = z
  .strictObject({
    markets: Names.optional().meta({ description: 'ids of markets' }),
    skus: Names.optional().meta({ description: 'SKUs of products' }),
    categories: Names.optional().meta({ description: 'categories with all below them: food covers food/dairy' }),
    excludedSkus: Names.optional().meta({ description: 'SKUs of products that are left out' }),
    excludedCategories: Names.optional().meta({ description: 'categories that are left out, with all below them' }),
    currencies: Names.optional()
      .meta({ description: 'required if params have amounts in minor units, because 450 are 4.50 in GBP and 450 yen in JPY' }),
    from: GivenText.optional().meta({ description: 'the start: an instant with its offset, or a day' }),
    until: GivenText.optional().meta({ description: 'the end: an instant with its offset, or a day, which is included' }),
    daysOfWeek: listOf(z.int().min(1).max(7), { least: 1, most: 7 }).optional().meta({ description: 'days of the week; 1 is Monday' }),
  })
  .meta({ id: 'StrategyScope', description: 'where and when the strategy applies; an absent field does not restrict it' });

/** A test case of a configured built-in, which has to pass before the version may be in force. */
const StrategyTest = z.strictObject({
  name: GivenText.min(1).meta({ description: 'the name of the test case' }),
  input: z.record(GivenText, Json).meta({ description: 'a line or a basket, as a strategy receives it' }),
  now: GivenText.optional().meta({ description: 'the instant at which the test prices' }),
  expect: z.strictObject({
    netMinor: z.int().meta({ description: 'the price after the adjustments, in minor units' }),
    codes: listOf(GivenText, { most: CODES_MAX }).optional().meta({ description: 'the codes of the adjustments, in order' }),
  }).meta({ description: 'the expected result' }),
});

/** The fields of a configured built-in: its name and version, the built-in itself, and its configuration. */
const builtInFields = {
  name: StrategyName,
  version: StrategyName,
  use: GivenText.min(1).max(64).meta({ description: 'the built-in, such as bulk-price@1' }),
  params: z.record(GivenText, Json).meta({ description: "the built-in's parameters" }),
  scope: StrategyScope.optional(),
  priority: z.number().optional().meta({ description: 'a strategy of a higher priority applies earlier; equal ones apply in order of their names' }),
  stack: z.enum(['stack', 'exclusive', 'best-of']).optional().meta({ description: 'whether it applies with others, alone, or only if it is the best of its group' }),
  group: GivenText.min(1).max(64).optional().meta({ description: 'the group of a strategy that is exclusive or best-of' }),
  title: DisplayText.max(200).optional().meta({ description: 'the title that explains an adjustment to shoppers' }),
  tests: listOf(StrategyTest, { most: TESTS_MAX }).optional().meta({ description: 'test cases that must pass before the version may be in force' }),
};
const REQUIRED = ['name', 'version', 'use', 'params'] as const;

/** A built-in to configure as a version of a strategy. */
export const ConfigureStrategy = z.strictObject(builtInFields);
export type ConfigureStrategy = z.infer<typeof ConfigureStrategy>;

/** A source to add. */
export const LoadSource = z.strictObject({ source: GivenText.min(1).max(SOURCE_CHARS_MAX) });
export type LoadSource = z.infer<typeof LoadSource>;

/** The body of `POST /strategies`: a source, which states its own name and version, or a configured built-in. */
export const LoadStrategy = z
  .strictObject({
    source: LoadSource.shape.source.optional()
      .meta({ description: 'a module in TypeScript or JavaScript, without any other field' }),
    ...z.strictObject(builtInFields).partial().shape,
  })
  .superRefine((body, ctx) => {
    const refuse = (field: string, message: string): void => ctx.addIssue({ code: 'custom', path: [field], message });
    const { source, ...builtIn } = body;
    const given = Object.keys(builtIn).filter((field) => builtIn[field as keyof typeof builtIn] !== undefined);
    if (source !== undefined) {
      for (const field of given) refuse(field, 'must be left out: expected none beside source, which states it');
    } else if (given.length === 0) {
      refuse('source', 'expected a source, or a built-in by name, version, use and params');
    } else {
      for (const field of REQUIRED) if (builtIn[field] === undefined) refuse(field, 'is required for a built-in');
      if (JSON.stringify(builtIn).length > SOURCE_CHARS_MAX) refuse('params', `must have at most ${SOURCE_CHARS_MAX} characters with all other fields`);
    }
  })
  // The check above tells the alternatives apart, which the types of the fields cannot.
  .meta({ id: 'LoadStrategy' }) as unknown as z.ZodType<LoadStrategy, LoadStrategy>;
export type LoadStrategy = LoadSource | ConfigureStrategy;

/** The body of `PUT …/rollout`. */
export const RolloutRequest = z
  .discriminatedUnion('state', [
    z.strictObject({ state: z.literal('active').meta({ description: 'in force' }), version: StrategyName }),
    z.strictObject({ state: z.literal('shadow').meta({ description: 'computed and compared, but not charged' }), version: StrategyName }),
    z.strictObject({ state: z.literal('canary').meta({ description: 'in force for a percentage of customers and baskets' }), version: StrategyName, percent: z.number().gt(0).max(100).meta({ description: 'the percentage of customers and baskets' }) }),
    z.strictObject({ state: z.literal('off').meta({ description: 'out of force' }) }),
  ])
  .meta({ id: 'RolloutRequest' });
export type RolloutRequest = z.infer<typeof RolloutRequest>;

/** The body of `POST …/simulate`: baskets to price by the version, given here or taken from the last sales of the market. */
export const SimulateRequest = z
  .strictObject({
    market: Identifier.meta({ description: 'the market whose prices and sales are used' }),
    baskets: z.preprocess(boundedItems, listOf(QuoteRequest, { least: 1, most: SAMPLES_MAX })).optional().meta({ description: 'baskets to price' }),
    recorded: z.int().min(1).max(RECORDED_MAX).optional()
      .meta({
        description: 'the number of sold baskets to use: the lines of the last checkouts, at their prices and instants. '
          + 'Fewer are used if there are not as many, or if they are large. Open and abandoned baskets do not count',
      }),
  })
  .refine(
    ({ baskets, recorded }) => (baskets === undefined) !== (recorded === undefined),
    { message: 'expected either baskets or recorded', path: ['baskets'] },
  )
  .meta({ id: 'SimulateRequest' });
export type SimulateRequest = z.infer<typeof SimulateRequest>;

/** Limits the items of all baskets together. They are counted before any is validated. */
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

const StrategyState = z
  .enum(['draft', 'validated', 'shadow', 'canary', 'active', 'retired', 'unreadable'])
  .meta({ id: 'StrategyState' });
const StrategyKind = z.enum(['line', 'basket']);

/** A version of a strategy. */
export const StrategyVersion = z
  .strictObject({
    name: StrategyName,
    version: StrategyName,
    sha256: Text.meta({ description: 'the hash of the source, or of the built-in and its configuration' }),
    kind: StrategyKind,
    title: Text.optional(),
    use: Text.optional().meta({ description: 'the configured built-in; absent for a script' }),
    params: Json.optional().meta({ description: "the built-in's parameters" }),
    scope: z.record(Text, Json).meta({ description: 'the scope in which it applies; an absent field does not restrict it' }),
    state: StrategyState,
    createdAt: Instant,
    createdBy: Text,
    retired: Text.optional().meta({ description: 'the reason why it was retired' }),
    unreadable: Text.optional().meta({ description: 'the reason why its stored row cannot be read; such a version is in force nowhere' }),
    outcome: z.enum(['added', 'unchanged']).optional().meta({ description: 'the result of loading it' }),
  })
  .meta({ id: 'StrategyVersion' });
export type StrategyVersion = z.infer<typeof StrategyVersion>;

/** A strategy, and which of its versions are in force. */
export const Strategy = z
  .strictObject({
    name: StrategyName,
    kind: StrategyKind,
    revision: z.int().meta({ description: 'grows with every change; the ETag' }),
    active: StrategyName.nullable(),
    shadow: StrategyName.nullable(),
    canary: z.strictObject({ version: StrategyName, percent: z.number() }).nullable(),
    before: z.array(StrategyName).meta({ description: 'earlier active versions since the strategy was last switched off, latest last' }),
    unreadable: z.array(z.strictObject({ version: StrategyName.nullable(), reason: Text })).optional()
      .meta({ description: 'versions that cannot be read and so are not in force; null is the strategy itself. Switch the strategy off, or roll out another version' }),
  })
  .meta({ id: 'Strategy' });
export type Strategy = z.infer<typeof Strategy>;

/** All strategies. Only rules that are listed here can change a price. */
export const StrategyList = z
  .strictObject({ revision: z.int(), items: z.array(Strategy) })
  .meta({ id: 'StrategyList' });
export type StrategyList = z.infer<typeof StrategyList>;

/** All versions of a strategy, oldest first. */
export const StrategyVersions = z.strictObject({ items: z.array(StrategyVersion) }).meta({ id: 'StrategyVersions' });
export type StrategyVersions = z.infer<typeof StrategyVersions>;

/** The result of validating a version. */
export const StrategyValidation = z
  .strictObject({ passed: z.boolean(), problems: z.array(Text) })
  .meta({ id: 'StrategyValidation' });
export type StrategyValidation = z.infer<typeof StrategyValidation>;

/** The effect of a version on prices. Differences are its price minus the current one; negative is cheaper. */
export const StrategySimulation = z
  .strictObject({
    baskets: z.int().meta({ description: 'the number of baskets: those of the request, or sold ones with each checkout counted once' }),
    changed: z.int(),
    degraded: z.int().meta({ description: 'the number of baskets on which the version failed' }),
    difference: Money,
    histogram: z.array(z.strictObject({ from: Money, to: Money, baskets: z.int() })),
  })
  .meta({ id: 'StrategySimulation' });
export type StrategySimulation = z.infer<typeof StrategySimulation>;

/** The changes of a strategy, latest first. */
export const StrategyAudit = z
  .strictObject({
    items: z.array(z.strictObject({
      at: Instant,
      by: Text,
      action: z.enum(['added', 'validated', 'refused', 'rolled-out', 'rolled-back', 'shadowed', 'retired', 'seeded', 'deleted']),
      version: Text.nullable(),
      details: z.record(Text, Json),
    })),
  })
  .meta({ id: 'StrategyAudit' });
export type StrategyAudit = z.infer<typeof StrategyAudit>;

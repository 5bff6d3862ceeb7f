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

/** A strategy's, or a version's, own name: it is part of the source. */
export const StrategyName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, dots and dashes, at most 64')
  .meta({ id: 'StrategyName' });

const Names = listOf(GivenText, { least: 1, most: NAMES_MAX });

/** Where a strategy applies; what is absent does not restrict. */
const StrategyScope = z
  .strictObject({
    markets: Names.optional(),
    skus: Names.optional(),
    categories: Names.optional(),
    currencies: Names.optional()
      .meta({ description: 'required where params hold amounts in minor units: 450 are 4.50 in GBP, and 450 yen in JPY' }),
    from: GivenText.optional().meta({ description: 'an instant with its offset, or a day' }),
    until: GivenText.optional().meta({ description: 'an instant with its offset, or a day, which still counts' }),
    daysOfWeek: listOf(z.int().min(1).max(7), { least: 1, most: 7 }).optional().meta({ description: '1 is Monday' }),
  })
  .meta({ id: 'StrategyScope' });

/** A case by which a configured built-in is tried before it may price anything. */
const StrategyTest = z.strictObject({
  name: GivenText.min(1),
  input: z.record(GivenText, Json).meta({ description: 'a line, or a basket, as a strategy is given it' }),
  now: GivenText.optional(),
  expect: z.strictObject({ netMinor: z.int(), codes: listOf(GivenText, { most: CODES_MAX }).optional() }),
});

/** The fields of a built-in: what it is called, which one it is, and how it is configured. */
const builtInFields = {
  name: StrategyName,
  version: StrategyName,
  use: GivenText.min(1).max(64).meta({ description: 'a built-in, such as bulk-price@1' }),
  params: z.record(GivenText, Json).meta({ description: "the built-in's parameters" }),
  scope: StrategyScope.optional(),
  priority: z.number().optional(),
  stack: z.enum(['stack', 'exclusive', 'best-of']).optional(),
  group: GivenText.min(1).max(64).optional(),
  title: DisplayText.max(200).optional(),
  tests: listOf(StrategyTest, { most: TESTS_MAX }).optional(),
};
const REQUIRED = ['name', 'version', 'use', 'params'] as const;

/** A built-in to configure as a version of a strategy. */
export const ConfigureStrategy = z.strictObject(builtInFields);
export type ConfigureStrategy = z.infer<typeof ConfigureStrategy>;

/** A source to take in. */
export const LoadSource = z.strictObject({ source: GivenText.min(1).max(SOURCE_CHARS_MAX) });
export type LoadSource = z.infer<typeof LoadSource>;

/** The body of `POST /strategies`: a source, which says its own name and version, or a configured built-in. */
export const LoadStrategy = z
  .strictObject({
    source: LoadSource.shape.source.optional()
      .meta({ description: 'a module in TypeScript or JavaScript; it comes alone' }),
    ...z.strictObject(builtInFields).partial().shape,
  })
  .superRefine((body, ctx) => {
    const refuse = (field: string, message: string): void => ctx.addIssue({ code: 'custom', path: [field], message });
    const { source, ...builtIn } = body;
    const given = Object.keys(builtIn).filter((field) => builtIn[field as keyof typeof builtIn] !== undefined);
    if (source !== undefined) {
      for (const field of given) refuse(field, 'expected none beside source, which says all of it');
    } else if (given.length === 0) {
      refuse('source', 'expected a source, or a built-in by name, version, use and params');
    } else {
      for (const field of REQUIRED) if (builtIn[field] === undefined) refuse(field, 'required for a built-in');
      if (JSON.stringify(builtIn).length > SOURCE_CHARS_MAX) refuse('params', `at most ${SOURCE_CHARS_MAX} characters in all`);
    }
  })
  // The check above tells the one from the other, which types of fields cannot.
  .meta({ id: 'LoadStrategy' }) as unknown as z.ZodType<LoadStrategy, LoadStrategy>;
export type LoadStrategy = LoadSource | ConfigureStrategy;

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
      .meta({
        description: 'so many sold baskets: the lines of the last checkouts, at their prices and instants; '
          + 'fewer when there are not so many, or they are large. Open and abandoned baskets are no sales',
      }),
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

const StrategyState = z
  .enum(['draft', 'validated', 'shadow', 'canary', 'active', 'retired', 'unreadable'])
  .meta({ id: 'StrategyState' });
const StrategyKind = z.enum(['line', 'basket']);

/** A version of a strategy. */
export const StrategyVersion = z
  .strictObject({
    name: StrategyName,
    version: StrategyName,
    sha256: Text.meta({ description: 'of the source, or of the built-in and its configuration' }),
    kind: StrategyKind,
    title: Text.optional(),
    use: Text.optional().meta({ description: 'the built-in that it configures; a script has none' }),
    params: Json.optional().meta({ description: "the built-in's parameters" }),
    scope: z.record(Text, Json).meta({ description: 'where it applies; what is absent does not restrict' }),
    state: StrategyState,
    createdAt: Instant,
    createdBy: Text,
    retired: Text.optional().meta({ description: 'why it is out of service' }),
    unreadable: Text.optional().meta({ description: 'why its stored row cannot be read; it is in force nowhere' }),
    outcome: z.enum(['added', 'unchanged']).optional().meta({ description: 'what loading it did' }),
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
    before: z.array(StrategyName).meta({ description: 'what was active before, since it was last off, latest last' }),
    unreadable: z.array(z.strictObject({ version: StrategyName.nullable(), reason: Text })).optional()
      .meta({ description: 'versions that cannot be read, and so are not in force; null is the strategy itself. Switch it off, or roll out another' }),
  })
  .meta({ id: 'Strategy' });
export type Strategy = z.infer<typeof Strategy>;

/** Every strategy. No rule acts on a price unless it is listed here. */
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
    baskets: z.int().meta({ description: 'of the request; or sold ones, each checkout once' }),
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
      action: z.enum(['added', 'validated', 'refused', 'rolled-out', 'rolled-back', 'shadowed', 'retired', 'seeded', 'deleted']),
      version: Text.nullable(),
      details: z.record(Text, Json),
    })),
  })
  .meta({ id: 'StrategyAudit' });
export type StrategyAudit = z.infer<typeof StrategyAudit>;

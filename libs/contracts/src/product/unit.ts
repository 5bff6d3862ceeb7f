import { z } from 'zod';
import { Text } from '../text.ts';

/** The kind of a measure. Units of one dimension convert into each other. */
export type Dimension = 'count' | 'mass' | 'volume' | 'length' | 'area';

interface UnitFacts {
  readonly dimension: Dimension;
  readonly symbol: string;
  /** The size as a whole number of the smallest unit of its dimension, exact for metric, imperial and US units. */
  readonly size: number;
}

// UN/CEFACT Recommendation 20. Sizes are in nanograms, 10^-13 litres, tenths of a millimetre and 10^-8 square metres.
const UNITS = {
  C62: { dimension: 'count', symbol: '', size: 1 },
  KGM: { dimension: 'mass', symbol: 'kg', size: 1_000_000_000_000 },
  GRM: { dimension: 'mass', symbol: 'g', size: 1_000_000_000 },
  LBR: { dimension: 'mass', symbol: 'lb', size: 453_592_370_000 },
  ONZ: { dimension: 'mass', symbol: 'oz', size: 28_349_523_125 },
  LTR: { dimension: 'volume', symbol: 'l', size: 10_000_000_000_000 },
  CLT: { dimension: 'volume', symbol: 'cl', size: 100_000_000_000 },
  MLT: { dimension: 'volume', symbol: 'ml', size: 10_000_000_000 },
  MTQ: { dimension: 'volume', symbol: 'm³', size: 10_000_000_000_000_000 },
  GLL: { dimension: 'volume', symbol: 'gal (US)', size: 37_854_117_840_000 },
  QTL: { dimension: 'volume', symbol: 'qt (US)', size: 9_463_529_460_000 },
  PTL: { dimension: 'volume', symbol: 'pt (US)', size: 4_731_764_730_000 },
  OZA: { dimension: 'volume', symbol: 'fl oz (US)', size: 295_735_295_625 },
  GLI: { dimension: 'volume', symbol: 'gal', size: 45_460_900_000_000 },
  PTI: { dimension: 'volume', symbol: 'pt', size: 5_682_612_500_000 },
  OZI: { dimension: 'volume', symbol: 'fl oz', size: 284_130_625_000 },
  MTR: { dimension: 'length', symbol: 'm', size: 10_000 },
  CMT: { dimension: 'length', symbol: 'cm', size: 100 },
  INH: { dimension: 'length', symbol: 'in', size: 254 },
  FOT: { dimension: 'length', symbol: 'ft', size: 3_048 },
  YRD: { dimension: 'length', symbol: 'yd', size: 9_144 },
  MTK: { dimension: 'area', symbol: 'm²', size: 100_000_000 },
  FTK: { dimension: 'area', symbol: 'ft²', size: 9_290_304 },
} as const satisfies Readonly<Record<string, UnitFacts>>;

/** The code of a unit by UN/CEFACT Recommendation 20. */
export type UnitCode = keyof typeof UNITS;
const CODES = Object.keys(UNITS) as [UnitCode, ...UnitCode[]];

/** Decimal places of the finest steps. */
export const SCALE_MAX = 3;

const Code = z.enum(CODES).meta({ description: 'the UN/CEFACT code of the unit: C62 is one piece, KGM a kilogram, LBR a pound, LTR a litre, MTR a metre' });

/** The unit in which a product is sold and priced, and the steps in which its quantities are counted. */
export const Unit = z
  .strictObject({
    code: Code,
    scale: z.int().min(0).max(SCALE_MAX)
      .meta({ description: 'quantities count steps of 10^-scale: at scale 3, 1500 of KGM are 1.5 kg' }),
  })
  .meta({ id: 'Unit' });
export type Unit = z.infer<typeof Unit>;

/** A quantity for people, such as `1.500 kg`; a count of pieces is a bare number. */
export function measureText(steps: number, { code, scale }: Unit): string {
  const digits = String(Math.abs(steps)).padStart(scale + 1, '0');
  const number = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  const { symbol } = UNITS[code];
  return `${steps < 0 ? '-' : ''}${number}${symbol && ` ${symbol}`}`;
}

/** The fields by which a document says the unit of a quantity. Both are absent for products that are sold by the piece. */
export const Measured = {
  unit: Unit.optional(),
  measure: Text.optional().meta({ description: 'the quantity for people, such as 1.500 kg' }),
};

/** The values of `Measured` for a quantity. */
export function measured(steps: number, unit: Unit | undefined): { readonly unit?: Unit; readonly measure?: string } {
  return unit === undefined ? {} : { unit, measure: measureText(steps, unit) };
}

/** Steps in one whole unit; 1 for products that are sold by the piece. */
export function stepsPerUnit(unit: Unit | undefined): number {
  return unit === undefined ? 1 : 10 ** unit.scale;
}

/** Facts about a unit: dimension, symbol, and its size against others of its dimension. */
export function unitFacts(code: UnitCode): UnitFacts {
  return UNITS[code];
}

/**
 * The number `digits` / 10^`decimals` of whole units, in steps of this unit; undefined if it lies between two steps. Labels and GS1 codes
 * have decimals of their own.
 */
export function stepsOf({ digits, decimals }: { readonly digits: number; readonly decimals: number }, { scale }: Unit): number | undefined {
  const steps = decimals <= scale ? digits * 10 ** (scale - decimals) : digits / 10 ** (decimals - scale);
  return Number.isSafeInteger(steps) ? steps : undefined;
}

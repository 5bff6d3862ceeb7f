/** An element of a GS1 code: an application identifier with its value. */
export interface Gs1Element {
  readonly ai: string;
  readonly value: string;
}

/** FNC1 as scanners transmit it: the control character GS. */
export const FNC1 = '\u001d';

// GS1 GenSpecs 7.8.5: identifiers of these first two digits have values of fixed length, and need no FNC1 after them. The list is closed.
const PREDEFINED: Readonly<Record<string, number>> = {
  '00': 18, '01': 14, '02': 14, '03': 14, '04': 16, '11': 6, '12': 6, '13': 6, '14': 6, '15': 6, '16': 6, '17': 6, '18': 6, '19': 6,
  '20': 2, '31': 6, '32': 6, '33': 6, '34': 6, '35': 6, '36': 6, '41': 13,
};

// Digits of an identifier by its first two: 310n has four, the fourth is the place of the decimal point.
const FOUR_DIGITS = /^(3[1-69]|43|70|72|8[0-2])/;
const THREE_DIGITS = /^(2[3-5]|4[0-2]|71)/;
const TWO_DIGITS = /^(0[0-4]|1[0-9]|2[0-2]|3[07]|9[0-9])/;

// Values of the identifiers that Aisle reads; those of others are kept unread.
const FORMATS: readonly (readonly [ai: RegExp, value: RegExp])[] = [
  [/^0[12]$/, /^[0-9]{14}$/],
  [/^(10|21|22)$/, /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$/],
  [/^1[1-7]$/, /^[0-9]{6}$/],
  [/^3[07]$/, /^[0-9]{1,8}$/],
  [/^3[1-6][0-9][0-9]$/, /^[0-9]{6}$/],
  [/^392[0-9]$/, /^[0-9]{1,15}$/],
  [/^393[0-9]$/, /^[0-9]{4,18}$/],
  [/^7003$/, /^[0-9]{10}$/],
];

/** The digits of the identifier with which a text begins; undefined if there is none. */
export function identifierAt(text: string): string | undefined {
  const digits = FOUR_DIGITS.test(text) ? 4 : THREE_DIGITS.test(text) ? 3 : TWO_DIGITS.test(text) ? 2 : undefined;
  const ai = digits === undefined ? undefined : text.slice(0, digits);
  return ai?.length === digits && /^[0-9]+$/.test(ai ?? '') ? ai : undefined;
}

/** The length of an identifier's value, if it is one of those that end without FNC1. */
export function predefinedLengthOf(ai: string): number | undefined {
  return PREDEFINED[ai.slice(0, 2)];
}

const NUMBERS: readonly (readonly [ai: RegExp, digitsMax: number])[] = [[/^3[07]$/, 8], [/^392[0-9]$/, 15], [/^393[0-9]$/, 18]];

/** The most digits of a number of variable length. A number of so many digits may lack its FNC1; printers leave it out. */
export function digitsMaxOf(ai: string): number | undefined {
  return NUMBERS.find(([pattern]) => pattern.test(ai))?.[1];
}

/** Whether a value has the form that its identifier asks for. */
export function fitsFormat({ ai, value }: Gs1Element): boolean {
  const format = FORMATS.find(([pattern]) => pattern.test(ai));
  return value !== '' && (format === undefined || format[1].test(value));
}

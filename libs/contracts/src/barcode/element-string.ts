import { FNC1, digitsMaxOf, identifierAt, predefinedLengthOf, type Gs1Element } from './application-identifier.ts';
import { BarcodeFailure } from './barcode-failures.ts';

// GS1-128, GS1 DataBar, GS1 DataMatrix, GS1 QR Code and GS1 DotCode (ISO/IEC 15424).
const SYMBOLOGY = /^\](C1|e0|d2|Q3|J1)/;

// The line for people below a bar code, which is typed in where the code cannot be scanned: (01)09521234543213(10)ABC123.
const TYPED = /^(\([0-9]{2,4}\)[^()]+)+$/;
const TYPED_ELEMENT = /\(([0-9]{2,4})\)([^()]+)/g;

/** Whether a code says by its symbology identifier, an FNC1 or brackets that it is a GS1 element string. */
export function isMarkedElementString(code: string): boolean {
  return SYMBOLOGY.test(code) || code.includes(FNC1) || code.startsWith('(');
}

/**
 * The elements of a GS1 element string, scanned or typed with brackets. A scanned value of variable length ends at FNC1 or with the string.
 * Throws `barcode.unreadable`.
 */
export function readElementString(code: string): readonly Gs1Element[] {
  if (code.startsWith('(')) return readTyped(code);
  const elements: Gs1Element[] = [];
  let rest = withoutLeadingFnc1(code.replace(SYMBOLOGY, ''));
  while (rest !== '') {
    const ai = identifierAt(rest);
    if (ai === undefined) throw BarcodeFailure.unreadable(code, `no application identifier begins with ${JSON.stringify(rest.slice(0, 4))}`);
    rest = rest.slice(ai.length);
    const end = predefinedLengthOf(ai) ?? endOfVariable(ai, rest);
    const value = rest.slice(0, end);
    if (value.length < end || value.includes(FNC1)) throw BarcodeFailure.unreadable(code, `the value of (${ai}) has fewer than ${end} characters`);
    elements.push({ ai, value });
    // GenSpecs allow a needless FNC1 after a value of predefined length.
    rest = withoutLeadingFnc1(rest.slice(end));
  }
  return elements;
}

function readTyped(code: string): readonly Gs1Element[] {
  if (!TYPED.test(code)) throw BarcodeFailure.unreadable(code, 'each element must be an application identifier in brackets and a value');
  return [...code.matchAll(TYPED_ELEMENT)].map(([, ai = '', value = '']) => ({ ai, value }));
}

function endOfVariable(ai: string, rest: string): number {
  const at = rest.indexOf(FNC1);
  return Math.min(at === -1 ? rest.length : at, digitsMaxOf(ai) ?? Infinity);
}

function withoutLeadingFnc1(text: string): string {
  return text.startsWith(FNC1) ? text.slice(1) : text;
}

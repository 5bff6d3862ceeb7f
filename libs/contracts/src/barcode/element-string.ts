import { FNC1, digitsMaxOf, identifierAt, predefinedLengthOf, type Gs1Element } from './application-identifier.ts';
import { BarcodeFailure } from './barcode-failures.ts';

// GS1-128, GS1 DataBar, GS1 DataMatrix, GS1 QR Code and GS1 DotCode (ISO/IEC 15424).
const SYMBOLOGY = /^\](C1|e0|d2|Q3|J1)/;

/** Whether a code says by its symbology identifier or an FNC1 that it is a GS1 element string. */
export function isMarkedElementString(code: string): boolean {
  return SYMBOLOGY.test(code) || code.includes(FNC1);
}

/**
 * The elements of a GS1 element string. A value of variable length ends at FNC1 or with the string. Throws `barcode.unreadable`.
 */
export function readElementString(code: string): readonly Gs1Element[] {
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

function endOfVariable(ai: string, rest: string): number {
  const at = rest.indexOf(FNC1);
  return Math.min(at === -1 ? rest.length : at, digitsMaxOf(ai) ?? Infinity);
}

function withoutLeadingFnc1(text: string): string {
  return text.startsWith(FNC1) ? text.slice(1) : text;
}

import { GivenText } from '../text.ts';

/** Characters of the longest code that is read. A GS1 QR code holds more, but none that a sale needs. */
export const SCAN_CHARACTERS_MAX = 512;

/** A code as a scanner reads it. */
export const ScannedCode = GivenText.min(1).max(SCAN_CHARACTERS_MAX).meta({
  id: 'ScannedCode',
  description: 'a GTIN, a PLU, a label of the shop\'s own scales, a GS1 element string (FNC1 is U+001D) or a GS1 Digital Link',
});

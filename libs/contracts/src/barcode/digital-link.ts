import type { Gs1Element } from './application-identifier.ts';
import { BarcodeFailure } from './barcode-failures.ts';
import { GTIN_DIGITS } from './gtin.ts';

const ORIGIN = /^https?:\/\/[^/?#]+/i;
const PRIMARY = /(?:^|.*?)\/(?:01|gtin)\/([0-9]{8}|[0-9]{12,14})((?:\/[^/]+\/[^/]+)*)\/?$/;
const QUALIFIERS: ReadonlyMap<string, string> = new Map([
  ['10', '10'], ['lot', '10'], ['21', '21'], ['ser', '21'], ['22', '22'], ['cpv', '22'],
]);
const IDENTIFIER = /^[0-9]{2,4}$/;
// Names of the convenience alphas of version 1.1, which older labels still have.
const ALPHAS: ReadonlyMap<string, string> = new Map([['exp', '17']]);

/** Whether a code is a URI that may be a Digital Link. */
export function isUri(code: string): boolean {
  return ORIGIN.test(code) || code.startsWith('/');
}

/**
 * The elements of a GS1 Digital Link URI with a GTIN, uncompressed, of any host: those of the path, then those of the query. Other keys
 * of the query are ignored. Throws `barcode.unreadable`.
 */
export function readDigitalLink(uri: string): readonly Gs1Element[] {
  const [beforeFragment = ''] = uri.replace(ORIGIN, '').split('#', 1);
  const mark = beforeFragment.indexOf('?');
  const path = mark === -1 ? beforeFragment : beforeFragment.slice(0, mark);
  const query = mark === -1 ? '' : beforeFragment.slice(mark + 1);
  const [, gtin, qualifiers = ''] = PRIMARY.exec(path) ?? [];
  if (gtin === undefined) throw BarcodeFailure.unreadable(uri, 'a Digital Link needs a path with /01/ and a GTIN');
  return [
    { ai: '01', value: gtin.padStart(GTIN_DIGITS, '0') },
    ...pairsOf(qualifiers.split('/').slice(1)).map(([key, value]) => qualifierOf(uri, key, value)),
    ...attributesOf(uri, query),
  ];
}

function qualifierOf(uri: string, key: string, value: string): Gs1Element {
  const ai = QUALIFIERS.get(key);
  if (ai === undefined) throw BarcodeFailure.unreadable(uri, `${JSON.stringify(key)} qualifies no GTIN; 22, 10 and 21 do`);
  return { ai, value: decoded(uri, value) };
}

function attributesOf(uri: string, query: string): Gs1Element[] {
  return query.split(/[&;]/).flatMap((part) => {
    const mark = part.indexOf('=');
    const key = part.slice(0, Math.max(mark, 0));
    const ai = IDENTIFIER.test(key) ? key : ALPHAS.get(key);
    return ai === undefined ? [] : [{ ai, value: decoded(uri, part.slice(mark + 1)) }];
  });
}

function pairsOf(segments: readonly string[]): [key: string, value: string][] {
  return segments.flatMap((key, index): [string, string][] => (index % 2 === 0 ? [[key, segments[index + 1] ?? '']] : []));
}

function decoded(uri: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw BarcodeFailure.unreadable(uri, `${JSON.stringify(text)} is no percent-encoded text`);
  }
}

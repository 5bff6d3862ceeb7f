// The parts of the tests' oracles that are used. The packages bring no types.

declare module 'gs1-barcode-parser-mod' {
  /** Reads a GS1 element string. */
  export function parseBarcode(barcode: string): {
    readonly parsedCodeItems: readonly { readonly ai: string; readonly raw: string; readonly unit: string; readonly isoDate: string }[];
  };
}

declare module 'digital-link.js' {
  /** A Digital Link of these parts. */
  export function DigitalLink(parts: {
    readonly domain: string;
    readonly identifier: Readonly<Record<string, string>>;
    readonly keyQualifiers: Readonly<Record<string, string>>;
    readonly keyQualifiersOrder: readonly string[];
    readonly attributes: Readonly<Record<string, string>>;
  }): { toWebUriString(): string; isValid(): boolean };
}

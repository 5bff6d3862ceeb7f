// ES2024; the workspace's TypeScript lib is a year older.
type WellFormed = string & { isWellFormed(): boolean };

/** The reason why a text cannot be stored as UTF-8 unchanged, PostgreSQL included; undefined if it can. */
export function textProblem(text: string): string | undefined {
  if (!(text as WellFormed).isWellFormed()) return 'half a surrogate pair';
  if (text.includes('\0')) return 'a character U+0000';
  return undefined;
}

/** The first `charsMax` characters, with U+FFFD in place of characters that cannot be stored. */
export function storableText(text: string, charsMax: number): string {
  return text.slice(0, charsMax).replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

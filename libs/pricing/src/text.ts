// ES2024; TypeScript's library of the workspace is a year older.
type WellFormed = string & { isWellFormed(): boolean };

/** What keeps a text from being stored as UTF-8 as it is, in PostgreSQL too; undefined where nothing does. */
export function textProblem(text: string): string | undefined {
  if (!(text as WellFormed).isWellFormed()) return 'half a surrogate pair';
  if (text.includes('\0')) return 'a character U+0000';
  return undefined;
}

/** The first `charsMax` characters, with U+FFFD in place of what could not be stored. */
export function storableText(text: string, charsMax: number): string {
  return text.slice(0, charsMax).replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

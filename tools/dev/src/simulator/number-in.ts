/** The number of an option. Throws an error that names the accepted values. */
export function numberIn(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${name} takes a number from ${least} to ${most}, not '${text}'`);
}

/** The headers of a request to a system that asks for keys: that of `AISLE_KEY`, if it is set. */
export function credential(): Readonly<Record<string, string>> {
  const key = process.env['AISLE_KEY'];
  return key ? { authorization: `Bearer ${key}` } : {};
}

/** What PostgreSQL says of data that it refuses: names of its schema, and never a value. */
export interface DataRefusal {
  readonly sqlState: string;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly constraint?: string | undefined;
}

// SQLSTATE classes: 21 one row given twice, 22 data exception, 23 integrity constraint, 44 check option of a view,
// 54 a limit of PostgreSQL. The same statement with other data is taken.
const DATA = /^(21|22|23|44|54)[0-9A-Z]{3}$/;

/** Why the data was refused, if that is what the error of `pg` or TypeORM says; undefined for any other error. */
export function dataRefusal(error: unknown): DataRefusal | undefined {
  if (error instanceof DataRefused) return error.refusal;
  const { code, table, column, constraint } = (error ?? {}) as Record<string, unknown>;
  if (typeof code !== 'string' || !DATA.test(code)) return undefined;
  return {
    sqlState: code,
    ...(typeof table === 'string' && { table }),
    ...(typeof column === 'string' && { column }),
    ...(typeof constraint === 'string' && { constraint }),
  };
}

/** One line of a refusal for people. */
export function refusalText({ sqlState, ...names }: DataRefusal): string {
  return [`SQLSTATE ${sqlState}`, ...Object.entries(names).map(([what, name]) => `${what} ${name}`)].join(', ');
}

/**
 * PostgreSQL refused the data of a statement, and nothing of it was done. A bug, and no `Failure`: such data should not
 * have come so far, and sending it again never helps. PostgreSQL's own error quotes values; this one does not.
 */
export class DataRefused extends Error {
  override readonly name = 'DataRefused';
  /** The SQLSTATE. */
  readonly code: string;
  constructor(readonly refusal: DataRefusal) {
    super(`PostgreSQL refused the data: ${refusalText(refusal)}`);
    this.code = refusal.sqlState;
  }
}

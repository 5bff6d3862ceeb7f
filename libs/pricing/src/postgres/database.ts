/** Runs statements; rows come as objects. */
export interface Queries {
  query<Rows>(sql: string, parameters?: unknown[]): Promise<Rows>;
}

/** What the store needs of a database; TypeORM's `DataSource` has it. Unqualified names mean the schema of the tables. */
export interface StrategyDatabase extends Queries {
  transaction<T>(run: (queries: Queries) => Promise<T>): Promise<T>;
}

/** Hears what is announced on one channel of PostgreSQL; `Announcements` of `@aisle/persistence` is one. */
export interface Ear {
  /** Listens, unless it does already; true once it does anew, and something may have been missed. */
  listen(): Promise<boolean>;
  close(): Promise<void>;
}

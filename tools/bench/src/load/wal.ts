import type { Client } from 'pg';

/** The WAL of a piece of work, in bytes. */
export interface WalWritten {
  readonly bytes: number;
  /** The part for whole pages. They are written once per page and checkpoint, so they decrease under a steady load. */
  readonly fullPageBytes: number;
  /** Transactions. Each waited once for the disk, alone or with others. */
  readonly commits: number;
}

/** The server's settings that decide how often whole pages are written. */
export interface WalSettings {
  readonly checkpointTimeout: string;
  readonly maxWalSize: string;
  readonly walCompression: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
}

/** Counts a server's WAL. It needs an administrator's connection: `pg_walinspect` reads every record. */
export class WalMeter {
  readonly #admin: Client;

  private constructor(admin: Client) {
    this.#admin = admin;
  }

  static async on(admin: Client): Promise<WalMeter> {
    await admin.query('CREATE EXTENSION IF NOT EXISTS pg_walinspect');
    return new WalMeter(admin);
  }

  async position(): Promise<string> {
    const { rows } = await this.#admin.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    return rows[0]!.lsn;
  }

  /** The records between two positions, of the whole server. */
  async written(from: string, to: string): Promise<WalWritten> {
    if (from === to) return { bytes: 0, fullPageBytes: 0, commits: 0 };
    const { rows } = await this.#admin.query<{ records: string; pages: string; commits: string | null }>(
      `SELECT sum(record_size) AS records, sum(fpi_size) AS pages,
              sum(count) FILTER (WHERE "resource_manager/record_type" = 'Transaction/COMMIT') AS commits
         FROM pg_get_wal_stats($1, $2, true)`,
      [from, to],
    );
    const { records, pages, commits } = rows[0]!;
    return {
      bytes: Number(records) + Number(pages),
      fullPageBytes: Number(pages),
      commits: Number(commits ?? 0),
    };
  }

  async settings(): Promise<WalSettings> {
    const { rows } = await this.#admin.query<WalSettings>(
      `SELECT current_setting('checkpoint_timeout') AS "checkpointTimeout",
              current_setting('max_wal_size') AS "maxWalSize",
              current_setting('wal_compression') AS "walCompression",
              current_setting('fsync') AS "fsync",
              current_setting('synchronous_commit') AS "synchronousCommit"`,
    );
    return rows[0]!;
  }

  /** Checkpoints since the statistics began. */
  async checkpoints(): Promise<number> {
    const { rows } = await this.#admin.query<{ done: string }>(
      'SELECT num_done AS done FROM pg_stat_checkpointer',
    );
    return Number(rows[0]!.done);
  }
}

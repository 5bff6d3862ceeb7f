import type { Notification, PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

interface Ear {
  close(): Promise<void>;
}

/**
 * What PostgreSQL announces on one channel (`NOTIFY`), heard on a connection that is kept for it. While that
 * is lost nothing is heard: whoever needs to know looks besides, and tries to listen again.
 */
export class Announcements {
  private ear: Promise<Ear | undefined> | undefined;

  constructor(
    private readonly database: DataSource,
    /** Lower-case letters, digits and `_`; common to all schemas of the database. */
    private readonly channel: string,
    private readonly onHeard: (payload: string | undefined) => void,
  ) {}

  /** Listens, unless it does already; true once it does anew, and something may have been missed. */
  async listen(): Promise<boolean> {
    if (this.ear) return false;
    const opening = this.open().catch(() => undefined);
    this.ear = opening;
    const ear = await opening;
    if (ear === undefined && this.ear === opening) this.ear = undefined;
    return ear !== undefined;
  }

  /** Gives the connection back. */
  async close(): Promise<void> {
    await (await this.ear)?.close();
  }

  private async open(): Promise<Ear> {
    const { database, channel } = this;
    const runner = database.createQueryRunner();
    const client = await runner.connect() as PoolClient;
    const hear = ({ channel: heard, payload }: Notification): void => {
      if (heard === channel) this.onHeard(payload);
    };
    // Told twice of one loss, it must not forget the connection that has come since: nobody would give that back.
    let isLost = false;
    const lose = (): void => {
      if (!isLost) this.ear = undefined;
      isLost = true;
    };
    client.on('notification', hear).once('error', lose).once('end', lose);
    const close = async (): Promise<void> => {
      client.off('notification', hear).off('error', lose).off('end', lose);
      // Others use the connection after this one; if it is cut, nobody does.
      await runner.query(`UNLISTEN ${channel}`).catch(() => undefined);
      await runner.release();
    };
    try {
      await runner.query(`LISTEN ${channel}`);
    } catch (error) {
      await close();
      throw error;
    }
    return { close };
  }
}

import type { Notification, PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

interface Listener {
  close(): Promise<void>;
}

/**
 * Receives the notifications of one PostgreSQL channel (`LISTEN`, `NOTIFY`) on a dedicated connection of the pool.
 *
 * Notifications are lost while the connection is cut. A user has to poll as well, and to call `listen` again from time to time.
 */
export class Announcements {
  private listener: Promise<Listener | undefined> | undefined;

  constructor(
    private readonly database: DataSource,
    /** The channel, in lower-case letters, digits and `_`. All schemas of the database share it. */
    private readonly channel: string,
    private readonly onNotification: (payload: string | undefined) => void,
  ) {}

  /**
   * Starts listening, unless it already does. Resolves with true if it has started just now; notifications may have been missed
   * before. Resolves with false if it already listened or the server is away.
   */
  async listen(): Promise<boolean> {
    if (this.listener) return false;
    const opening = this.open().catch(() => undefined);
    this.listener = opening;
    const listener = await opening;
    if (listener === undefined && this.listener === opening) this.listener = undefined;
    return listener !== undefined;
  }

  /** Returns the connection to the pool. */
  async close(): Promise<void> {
    await (await this.listener)?.close();
  }

  private async open(): Promise<Listener> {
    const { database, channel } = this;
    const runner = database.createQueryRunner();
    const client = await runner.connect() as PoolClient;
    const onNotification = ({ channel: notified, payload }: Notification): void => {
      if (notified === channel) this.onNotification(payload);
    };
    // One loss may be reported twice. The second report must not forget a connection opened in between, which would never be returned.
    let isLost = false;
    const onLost = (): void => {
      if (!isLost) this.listener = undefined;
      isLost = true;
    };
    client.on('notification', onNotification).once('error', onLost).once('end', onLost);
    const close = async (): Promise<void> => {
      client.off('notification', onNotification).off('error', onLost).off('end', onLost);
      // The pool reuses the connection, so it must stop listening. The statement fails if the connection is cut; then nobody reuses it.
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

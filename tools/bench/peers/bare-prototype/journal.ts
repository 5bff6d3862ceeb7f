import { Client } from 'pg';

export interface Row {
  readonly basket: string;
  readonly seq: number;
  /** A UUID. */
  readonly commandId: string;
  readonly payloadHash: Buffer;
  readonly event: string;
}

// A lock, because both servers start at once.
const TABLE = `
  SELECT pg_advisory_xact_lock(1);
  CREATE TABLE IF NOT EXISTS journal (
    seq int NOT NULL,
    command_id uuid NOT NULL,
    basket text NOT NULL,
    payload_hash bytea NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (basket, seq),
    UNIQUE (basket, command_id)
  )`;
const INSERT = `
  INSERT INTO journal (basket, seq, command_id, payload_hash, event)
  SELECT * FROM unnest($1::text[], $2::int[], $3::uuid[], $4::bytea[], $5::text[])`;
const READ = 'SELECT payload_hash AS "payloadHash", event FROM journal WHERE basket = $1 AND seq <= $2 ORDER BY seq';

/** Group commit over one connection: all rows that arrive during a commit make up the next one. */
export class Journal {
  readonly #client: Client;
  #rows: Row[] = [];
  #waiting: (() => void)[] = [];
  #isBusy = false;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<Journal> {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(TABLE);
    return new Journal(client);
  }

  append(row: Row, onCommit: () => void): void {
    this.#rows.push(row);
    this.#wait(onCommit);
  }

  /** Runs `then` once all rows that were appended before are committed. */
  afterCommit(then: () => void): void {
    if (this.#isBusy) this.#wait(then);
    else then();
  }

  async read(basket: string, upToSeq: number): Promise<Pick<Row, 'payloadHash' | 'event'>[]> {
    return (await this.#client.query<Pick<Row, 'payloadHash' | 'event'>>(READ, [basket, upToSeq])).rows;
  }

  #wait(then: () => void): void {
    this.#waiting.push(then);
    if (this.#isBusy) return;
    this.#isBusy = true;
    // After the rows of all frames that came together.
    queueMicrotask(() => void this.#commit());
  }

  async #commit(): Promise<void> {
    while (this.#waiting.length > 0) {
      const [rows, waiting] = [this.#rows, this.#waiting];
      this.#rows = [];
      this.#waiting = [];
      if (rows.length > 0) await this.#client.query({ name: 'insert', text: INSERT, values: columns(rows) });
      for (const then of waiting) then();
    }
    this.#isBusy = false;
  }
}

function columns(rows: readonly Row[]): Buffer[] {
  return [
    binaryArray(25, rows.map(({ basket }) => Buffer.from(basket))),
    binaryArray(23, rows.map(({ seq }) => int4(seq))),
    binaryArray(2950, rows.map(({ commandId }) => Buffer.from(commandId.replaceAll('-', ''), 'hex'))),
    binaryArray(17, rows.map(({ payloadHash }) => payloadHash)),
    binaryArray(25, rows.map(({ event }) => Buffer.from(event))),
  ];
}

// PostgreSQL's binary form of an array: five numbers, then each element after its length. It needs no escaping.
function binaryArray(oid: number, elements: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [1, 0, oid, elements.length, 1].map(int4);
  for (const element of elements) parts.push(int4(element.length), element);
  return Buffer.concat(parts);
}

function int4(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

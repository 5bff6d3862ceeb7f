import type { Recorded } from './journal-storage.ts';

/** A remembered command, as text: small buffers would keep large ones in memory. */
export interface KnownCommand {
  readonly seq: number;
  readonly payloadHash: string;
  /** JSON, or empty. */
  readonly outcome: string;
}

/** The form in which hashes are compared. */
export function hashText(payloadHash: Uint8Array): string {
  return textOf(payloadHash, 'latin1');
}

/** The latest committed commands of one actor, so that most retries need not ask the storage. */
export class RecentCommands {
  private readonly known = new Map<string, KnownCommand>();

  /** `complete` means that every committed id of this actor is here, so an unknown one is new. */
  constructor(
    private readonly max: number,
    public complete: boolean,
  ) {}

  get size(): number {
    return this.known.size;
  }

  get(commandId: string): KnownCommand | undefined {
    return this.known.get(commandId);
  }

  add(commandId: string, { seq, payloadHash, outcome }: Recorded): KnownCommand {
    const known = { seq, payloadHash: hashText(payloadHash), outcome: textOf(outcome, 'utf8') };
    this.known.set(commandId, known);
    if (this.known.size > this.max) {
      const [oldest] = this.known.keys();
      this.known.delete(oldest as string);
      this.complete = false;
    }
    return known;
  }
}

function textOf(bytes: Uint8Array, encoding: BufferEncoding): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

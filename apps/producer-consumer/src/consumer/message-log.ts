import { isFailure, settleInHalves } from '@aisle/std';
import type { Append, Appended, ConsumerRepository } from './consumer.repository.ts';
import { LogFull } from './consumer-failures.ts';

interface Waiting {
  readonly append: Append;
  readonly resolve: (outcome: Appended) => void;
  readonly reject: (error: unknown) => void;
}

const BATCH_MESSAGES_MAX = 512;
const BATCH_CHARS_MAX = 1_048_576;
const WAITING_MAX = 16_384;
const WAITING_CHARS_MAX = 16 * BATCH_CHARS_MAX;

/**
 * Commits messages of all consumers of a process in groups, without a timer: what came while the last commit was
 * under way is the next group. In the order in which they came, so a consumer's stay in order. One that PostgreSQL
 * refuses is found by halves, and fails alone.
 */
export class MessageLog {
  private readonly waiting: Waiting[] = [];
  private waitingChars = 0;
  private committing = false;

  constructor(
    private readonly repository: Pick<ConsumerRepository, 'append'>,
    /** Told of each commit, with how many messages it had. */
    private readonly onCommit: (messages: number) => void = () => undefined,
  ) {}

  /** Resolves once the message is committed, or known not to be. Throws `LogFull`, and what the repository throws. */
  append(append: Append): Promise<Appended> {
    if (this.waiting.length >= WAITING_MAX || this.waitingChars >= WAITING_CHARS_MAX) throw new LogFull();
    return new Promise((resolve, reject) => {
      this.waiting.push({ append, resolve, reject });
      this.waitingChars += append.json.length;
      if (!this.committing) void this.commitAll();
    });
  }

  private async commitAll(): Promise<void> {
    this.committing = true;
    // All that comes in this turn is in the first group.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.commit(this.nextGroup());
    this.committing = false;
  }

  private nextGroup(): Waiting[] {
    let count = 0;
    let chars = 0;
    for (const { append } of this.waiting.slice(0, BATCH_MESSAGES_MAX)) {
      chars += append.json.length;
      if (count > 0 && chars > BATCH_CHARS_MAX) break;
      count += 1;
    }
    const group = this.waiting.splice(0, count);
    for (const { append } of group) this.waitingChars -= append.json.length;
    return group;
  }

  private async commit(group: readonly Waiting[]): Promise<void> {
    const settled = await settleInHalves(group.map(({ append }) => append), (part) => this.store(part), isFailure);
    settled.forEach((one, index) => {
      const { resolve, reject } = group[index] as Waiting;
      if (one.status === 'fulfilled') resolve(one.value);
      else reject(one.reason);
    });
  }

  private async store(part: readonly Append[]): Promise<readonly Appended[]> {
    const outcomes = await this.repository.append(part);
    this.onCommit(part.length);
    return outcomes;
  }
}

import { Grouped, isFailure, type Runtime } from '@aisle/std';
import type { Append, AppendOutcome, ConsumerRepository } from './consumer.repository.ts';
import { ConsumerFailure } from './consumer-failures.ts';

const BATCH_MESSAGES_MAX = 512;
const BATCH_CHARS_MAX = 1_048_576;
const WAITING_MAX = 16_384;
const WAITING_CHARS_MAX = 16 * BATCH_CHARS_MAX;

/**
 * Commits the messages of all consumers of a process in groups and in order. If PostgreSQL refuses a message, only that one fails. A
 * failure of the database fails all messages of the group.
 */
export class MessageLog {
  private readonly grouped: Grouped<Append, AppendOutcome>;

  constructor(
    repository: Pick<ConsumerRepository, 'append'>,
    runtime: Pick<Runtime, 'defer'>,
    /** Called after each commit with its number of messages. */
    onCommit: (messages: number) => void = () => undefined,
  ) {
    this.grouped = new Grouped<Append, AppendOutcome>({
      runtime,
      run: async (part) => {
        const outcomes = await repository.append(part);
        onCommit(part.length);
        return outcomes;
      },
      concernsAll: isFailure,
      itemsMax: BATCH_MESSAGES_MAX,
      sizeOf: ({ json }) => json.length,
      sizeMax: BATCH_CHARS_MAX,
    });
  }

  /** Resolves with the outcome once it is known. Throws `ConsumerFailure.logFull`, and rejects with the errors of the repository. */
  append(append: Append): Promise<AppendOutcome> {
    const { waiting, waitingSize } = this.grouped;
    if (waiting >= WAITING_MAX || waitingSize >= WAITING_CHARS_MAX) throw ConsumerFailure.logFull();
    return this.grouped.run(append);
  }
}

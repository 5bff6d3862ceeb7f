import type { Operations } from './operations.ts';

/** The selected dead letters. */
interface Chosen {
  readonly consumer?: string;
  readonly topic?: string;
  readonly type?: string;
  readonly code?: string;
  readonly ids?: readonly number[];
  readonly all?: true;
}

/** `deadLetters()`: groups of all dead letters, and the operations on those of events. */
export function deadLettersOf(operations: Operations): object {
  const groups = async (): Promise<object[]> => [
    ...(await operations.items('dead-letters/groups')), ...(await operations.items('pipeline-letters/groups')),
  ];
  const sum = async (what: string, chosen: Chosen): Promise<number> => {
    const answers = await operations.all(`dead-letters/${what}`, chosen);
    return answers.flatMap((answer) => Object.values(answer)).reduce((total: number, count) => total + Number(count), 0);
  };
  return Object.assign(groups, {
    list: (filter: Omit<Chosen, 'ids' | 'all'> & { after?: number; limit?: number } = {}) => operations.items('dead-letters', { ...filter }),
    redrive: (chosen: Chosen) => sum('redrive', chosen),
    discard: (chosen: Chosen) => sum('discard', chosen),
  });
}

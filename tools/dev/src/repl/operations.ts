import { ask } from '../process/ops-port.ts';
import type { RunningProcess } from '../launcher/running.ts';
import { Refused, type Problem } from './gateway.ts';

type Item = Readonly<Record<string, unknown>>;

interface Listing {
  readonly views: readonly string[];
  readonly operations: readonly string[];
}

const ANSWER_MS = 10_000;

/**
 * The views and operations on the ops ports of all running processes. Apps in one process have theirs under their
 * names.
 */
export class Operations {
  constructor(private readonly running: () => readonly RunningProcess[]) {}

  /** The items of a view from every process with it, each item once: processes of one app show the same. */
  async items(view: string, query: Readonly<Record<string, unknown>> = {}): Promise<Item[]> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined).map(([key, value]): [string, string] => [key, String(value)]);
    const search = given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
    const items = new Map<string, Item>();
    await this.each('views', view, async (app, path) => {
      const { items: shown } = (await answerOf(app, `${path}${search}`)) as { items: Item[] };
      for (const item of shown) items.set(JSON.stringify(item), item);
    });
    return [...items.values()];
  }

  /** Runs an operation in every process that knows it; returns the answers. */
  async all(operation: string, body: object): Promise<Item[]> {
    const answers: Item[] = [];
    await this.each('operations', operation, async (app, path) => void answers.push((await answerOf(app, path, body)) as Item));
    return answers;
  }

  /** Runs an operation in the one process that owns its subject; undefined if none does. Throws `Refused`. */
  async one(operation: string, body: object): Promise<{ readonly app: RunningProcess; readonly answer: Item } | undefined> {
    let done: { app: RunningProcess; answer: Item } | undefined;
    await this.each('operations', operation, async (app, path) => {
      if (done) return;
      try {
        done = { app, answer: (await answerOf(app, path, body)) as Item };
      } catch (failure) {
        if (!(failure instanceof Refused) || failure.status !== 404) throw failure;
      }
    });
    return done;
  }

  private async each(of: keyof Listing, name: string, run: (app: RunningProcess, path: string) => Promise<void>): Promise<void> {
    for (const app of this.running()) {
      const response = await ask(app, '/ops', ANSWER_MS);
      const listing = response?.ok ? ((await response.json()) as Listing) : { views: [], operations: [] };
      for (const path of listing[of].filter((each) => each.endsWith(`/${name}`))) await run(app, path);
    }
  }
}

async function answerOf(app: RunningProcess, path: string, body?: object): Promise<unknown> {
  const response = await ask(app, path, ANSWER_MS, body);
  if (!response) throw new Error(`${app.instance} does not answer`);
  const answer: unknown = await response.json();
  if (!response.ok) throw new Refused(response.status, answer as Problem);
  return answer;
}

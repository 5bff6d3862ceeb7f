import { ClusterRegistry } from '@aisle/registry';
import { MemoryNames } from '@aisle/registry/testing';
import { failures } from '@aisle/std';
import { genServer, ok, type Ref } from '@aisle/supervision';
import { VirtualSystem } from '@aisle/supervision/testing';
import { GroupHolders } from './holder.ts';
import { NameFailure } from './named-servers.ts';

const KEY = 't/consumers/c';
const DEADLINE_MS = 5_000;

describe('GroupHolders', () => {
  let system: VirtualSystem;
  let one: ClusterRegistry;
  let other: ClusterRegistry;
  /** The requests sent to other processes, and their answers. */
  let sent: string[];
  let answer: () => Promise<string>;

  beforeEach(async () => {
    system = new VirtualSystem();
    const storage = new MemoryNames();
    const registry = (incarnation: string): ClusterRegistry =>
      new ClusterRegistry({ storage, system, incarnation, queue: `queue of ${incarnation}` });
    [one, other] = [registry('one'), registry('other')];
    await one.join();
    await other.join();
    sent = [];
    answer = async () => 'there';
  });

  it('runs a request here if this process or none holds the name', async () => {
    expect(await ask()).toBe('here');
    await one.register(await bearer(), KEY, null);
    expect(await ask()).toBe('here');
    expect(sent).toEqual([]);
  });

  it('passes the same message on to the holder of the name', async () => {
    await other.register(await bearer(), KEY, null);

    expect(await ask()).toBe('there');
    expect(sent).toEqual(['queue of other: id {"body":1}']);
  });

  it('repeats a request that the holder does not answer, and runs it here once the holder is gone', async () => {
    const ref = await bearer();
    await other.register(ref, KEY, null);
    answer = async () => {
      if (sent.length === 2) ref.exit('kill');
      throw TestFailure.silent();
    };

    expect(await ask()).toBe('here');
    expect(sent).toHaveLength(2);
  });

  it('waits for a name that moves to another process', async () => {
    let tries = 0;

    expect(await ask(async () => {
      tries += 1;
      if (tries < 3) throw NameFailure.moving();
      return 'here';
    })).toBe('here');
  });

  it('always runs a message here that another process has passed on', async () => {
    await other.register(await bearer(), KEY, null);

    expect(await ask(undefined, 'app-one')).toBe('here');
    expect(sent).toEqual([]);
  });

  it('gives up at the deadline', async () => {
    await other.register(await bearer(), KEY, null);
    answer = async () => {
      throw TestFailure.silent();
    };

    await expect(ask()).rejects.toMatchObject({ code: 'test.silent' });
  });

  it('rejects with the failure that the holder answers', async () => {
    await other.register(await bearer(), KEY, null);
    answer = async () => {
      throw TestFailure.missing();
    };

    await expect(ask()).rejects.toMatchObject({ code: 'test.missing' });
    expect(sent).toHaveLength(1);
  });

  async function ask(runHere = async () => 'here', queue = 'app'): Promise<string> {
    const deadlineMs = system.virtual.clock.nowMs() + DEADLINE_MS;
    const holders = new GroupHolders({
      clusterNames: one, incarnation: { id: 'one', queue: 'app-one' }, runtime: system.virtual,
      requester: {
        request: async <T>(queue: string, { id }: { id: string }, body: unknown) => {
          sent.push(`${queue}: ${id} ${JSON.stringify(body)}`);
          return (await answer()) as T;
        },
      },
    });
    const header = { id: 'id', type: 'test', tenant: 't', market: '', actor: 'c', traceparent: '', deadlineMs };
    const asked = holders.atHolder(KEY, { header, body: { body: 1 }, queue }, runHere);
    asked.catch(() => undefined);
    await system.advance(DEADLINE_MS);
    return asked;
  }

  function bearer(): Promise<Ref> {
    return system.start(Bearer.childSpec(undefined));
  }
});

const Bearer = genServer<object, null>({ name: 'Bearer', init: () => ok(null) });

const TestFailure = failures('test', { silent: ['unknown', 'no answer'], missing: ['missing', 'there is none'] });

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@aisle/std/testing';
import { identify } from './process/identity.ts';
import { writeJson } from './process/json-file.ts';
import { startSystem, type TestSystem } from './testing/system.ts';
import { sourceArgs, workspaceRoot } from './workspace.ts';

const PROMPT = 'aisle> ';

describe('npm run repl', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'aisle-repl-'));
  let system: TestSystem;
  let repl: Repl;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, 'producer-consumer': 2 });
    mkdirSync(join(dataDir, 'start'));
    const processes = system.apps.map(({ instance, pid, opsUrl, launchId }) => ({ ...identify(pid), instance, opsUrl, launchId }));
    writeJson(join(dataDir, 'start', 'running.json'), { urls: [system.gatewayUrl], processes });
    repl = new Repl(dataDir);
  });
  afterAll(async () => {
    repl.child.kill('SIGKILL');
    await system.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('prints its gateway, and lists its functions', async () => {
    expect(await repl.say('help()')).toContain("startConsumer('consumer1')");
    expect(repl.output).toContain(`Aisle at ${system.gatewayUrl}. help() lists`);
  });

  it('starts a consumer, and answers already_started with it if the name is taken', async () => {
    expect(await repl.say("ref = startConsumer('consumer1')")).toBe('Consumer<consumer1>');
    expect(await repl.say("startConsumer('consumer1')")).toBe('{ already_started: Consumer<consumer1> }');
  });

  it.each(['ref', "'consumer1'", "startConsumer('consumer1')"])('sends a message to %s, and gets its state', async (who) => {
    const before = (await repl.say(`getState(${who})`)).match(/body: 'Hello'/g)?.length ?? 0;

    expect(await repl.say(`sendMessage(${who}, 'Hello')`)).toMatch(/^\{\s*id: '[^']+',\s*body: 'Hello',\s*at: '[^']+'\s*\}$/);

    expect((await repl.say(`getState(${who})`)).match(/body: 'Hello'/g)).toHaveLength(before + 1);
  });

  it('runs pasted lines one after another, and understands a line that continues in the next one', async () => {
    await repl.say("sendMessage('consumer1', 1)\nsendMessage('consumer1', {\n  two: 2,\n})");

    expect(await repl.say('(await getState(ref)).messages.slice(-2).map(({ body }) => body)')).toBe('[ 1, { two: 2 } ]');
  });

  it('adds, gets, updates and deletes products', async () => {
    const price = "price: { amount: 250, currency: 'GBP' }";

    const added = await repl.say(`addProduct({ sku: 'PEAR', name: 'Pears', ${price}, quantity: 5 })`);
    const updated = await repl.say("updateProduct('PEAR', { name: 'Ripe pears' })");
    const got = await repl.say("getProduct('PEAR')");
    await repl.say("deleteProduct('PEAR')");

    expect(added).toContain("name: 'Pears'");
    expect([updated, got].every((text) => text.includes("name: 'Ripe pears'"))).toBe(true);
    expect(await repl.say("getProduct('PEAR')")).toMatch(/^Uncaught 404 product\.missing/);
  });

  it('fills a basket', async () => {
    expect(await repl.say("b = basket('anna')")).toContain("id: 'anna'");
    await repl.say("b.add('GR1', 2)");

    expect(await repl.say('b')).toMatch(/total: \{ amount: 311, currency: 'GBP' \}/);
  });

  it('sets and starts a pipeline', async () => {
    expect(await repl.say("pipeline('default').set({ rate: 10 })")).toContain('rate: 10');
    expect(await repl.say("pipeline('default').start()")).toContain('running: true');
    expect(await repl.say("pipeline('default').stop()")).toContain('running: false');
  });

  it('shows the processes and their trees', async () => {
    const trees = await repl.say('tree()');

    expect(await repl.say('nodes()')).toMatch(new RegExp(`instance: '${system.apps[0]?.instance}'.*ready: true`, 's'));
    expect(trees).toContain('consumer1: ConsumerServer #');
    expect(trees).toContain('DynamicUserBasketSupervisor');
  });

  it.each(["'consumer consumer1'", "'consumer1'", 'ref', "startConsumer('consumer1')"])('kills the one consumer of %s, and it is back with its messages', async (who) => {
    expect(await repl.say(`kill(${who})`)).toMatch(/^'killed ConsumerServer consumer1 \(#\d+\) in producer-consumer-\d+'$/);

    await eventually(async () => (await repl.say('getState(ref)')).includes("body: 'Hello'"));
  });

  it('lists pipelines, dead letters and known consumers, and kills nothing by an unknown name', async () => {
    await fetch(`${system.gatewayUrl}/v1/pipelines/brief`, {
      method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"rate":10}',
    });

    expect(await repl.say('pipelines()')).toContain("name: 'brief'");
    expect(await repl.say("pipeline('brief').deadLetters()")).toBe('[]');
    expect(await repl.say("pipeline('brief').redrive()")).toBe('{ redriven: 0 }');
    await repl.say("pipeline('brief').delete()");
    expect(await repl.say('pipelines()')).not.toContain("name: 'brief'");
    expect(await repl.say('deadLetters()')).toBe('[]');
    expect(await repl.say('deadLetters.discard({})')).toMatch(/^Uncaught:\n400 input\.invalid[^]+\n {2}choose the letters: /);
    expect(await repl.say('eventConsumers()')).toContain("consumer: 'basket-catalogue'");
    expect(await repl.say("kill('consumer nobody')")).toContain('the launcher runs no process consumer nobody');
  });

  it('kills a process of the launcher, and no other', async () => {
    const victim = system.apps.find(({ instance }) => instance.startsWith('producer-consumer'));

    expect(await repl.say(`kill('${victim?.instance}')`)).toContain(`SIGKILL sent to ${victim?.instance} (pid ${victim?.pid})`);
    expect(await victim?.ended()).toBe('SIGKILL');

    expect(await repl.say(`kill(${process.pid})`)).toContain(`the launcher runs no process ${process.pid}`);
    expect(await repl.say('nodes()')).not.toContain(`'${victim?.instance}'`);
    await eventually(async () => (await repl.say("getState('consumer1')")).includes("body: 'Hello'"));
  });

  it('goes on after a typing error', async () => {
    expect(await repl.say('sendMesage(1)')).toContain('ReferenceError: sendMesage is not defined');
    expect(await repl.say('1 +\n1')).toBe('2');
  });

  it('shows a refusal in the words of the gateway', async () => {
    expect(await repl.say("sendMessage('nobody', 'Hello')")).toMatch(/^Uncaught 404 consumer\.missing: there is no consumer/);
  });

  it('runs all piped lines before it ends', async () => {
    const piped = new Repl(dataDir);
    piped.child.stdin?.end("startConsumer('piped')\nsendMessage('piped', 'last words')\n");

    expect(await piped.ended).toBe(0);

    expect(piped.output).toContain("body: 'last words'");
  });

  it('ends with a remedy when no system runs', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'aisle-repl-none-'));
    const alone = new Repl(empty);

    expect(await alone.ended).toBe(1);

    expect(alone.output).toContain(`no system runs from ${empty}: start one with npm start`);
    rmSync(empty, { recursive: true });
  });
});

/** The prompt as a process, driven by a pipe. */
class Repl {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';
  private asked = 0;

  constructor(dataDir: string) {
    this.child = spawn(process.execPath, sourceArgs('tools/dev/src/repl.ts'), {
      cwd: workspaceRoot,
      env: { PATH: process.env['PATH'], AISLE_DATA_DIR: dataDir, NO_COLOR: '1' },
    });
    const collect = (chunk: Buffer): void => void (this.output += chunk.toString());
    this.child.stdout?.on('data', collect);
    this.child.stderr?.on('data', collect);
    this.ended = once(this.child, 'close').then(([code]) => code as number | null);
  }

  /** The answer to one or several lines: everything before the answer to a line of our own. */
  async say(line: string): Promise<string> {
    const from = this.output.length;
    const end = `'end ${(this.asked += 1)}'`;
    this.child.stdin?.write(`${line}\n${end}\n`);
    await eventually(() => this.output.slice(from).includes(end));
    const answer = this.output.slice(from).split(end)[0] ?? '';
    return answer.replaceAll(PROMPT, '').replaceAll('... ', '').trim();
  }
}

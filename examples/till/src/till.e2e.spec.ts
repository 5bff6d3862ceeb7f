import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const root = join(__dirname, '../../..');

describe('the till', () => {
  let system: TestSystem;
  let till: ChildProcessWithoutNullStreams;
  let printed = '';

  beforeAll(async () => {
    system = await startSystem({ market: 1, inventory: 1, orders: 1 });
    const program = ['--conditions=@aisle/source', '--import', './tools/dev/swc-hook.mjs', 'examples/till/src/till.ts'];
    till = spawn(process.execPath, [...program, system.gatewayUrl, 'm1', 'till-1'], { cwd: root });
    till.stdout.on('data', (chunk) => (printed += String(chunk)));
    till.stderr.on('data', (chunk) => (printed += String(chunk)));
  });
  afterAll(async () => {
    till.kill('SIGKILL');
    await system.stop();
  });

  it('sells each scanned product once, although its gateway is killed', async () => {
    till.stdin.write('GR1\nGR1\n');
    await eventually(() => expect(printed).toContain('2 Green tea: 3.11 GBP, total 3.11 GBP\n'));

    const gateway = system.apps.find(({ instance }) => instance.startsWith('gateway'))!;
    gateway.signal('SIGKILL');
    await gateway.ended();
    till.stdin.write('CF1\nnothing\nSR1\npay\n');
    await system.start('gateway', { port: Number(new URL(gateway.url).port), opsPort: Number(new URL(gateway.opsUrl).port) });
    await eventually(() => expect(printed).toContain('CONFIRMED'));

    expect(printed.split('\n').slice(1)).toEqual([
      '2 Green tea: 3.11 GBP, total 3.11 GBP', '1 Coffee: 11.23 GBP, total 14.34 GBP', '! the market does not sell that product',
      '1 Strawberries: 5.00 GBP, total 19.34 GBP', expect.stringMatching(/^2 Green tea 3.11 GBP \(.+\)$/), '1 Coffee 11.23 GBP', '1 Strawberries 5.00 GBP',
      'CONFIRMED, total 19.34 GBP', '',
    ]);
  });

  it('ends when its input does', async () => {
    till.stdin.end();

    expect((await once(till, 'exit'))[0]).toBe(0);
  });
});

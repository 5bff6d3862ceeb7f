import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startSystem, type TestSystem } from './testing/system.ts';

const root = join(__dirname, '../../..');

describe('npm run simulate', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem();
  });

  afterAll(() => system.stop());

  it('finds every invariant kept, although a server of the baskets is killed', async () => {
    const [server] = system.apps.filter(({ instance }) => instance.startsWith('basket-server'));
    const args = ['--shoppers', '20', '--duration', '6', '--think', '20'];

    // The first line comes after three seconds of shopping.
    const { code, output } = await simulate(args, (sofar) => {
      if (sofar.includes('requests/s')) server?.signal('SIGKILL');
    });

    expect(output).toContain('Every invariant holds.');
    expect(output).toMatch(/\d+ requests\/s {2}\d+ adds\/s {2}p50 \d+\.\d ms {2}p99 \d+\.\d ms {2}\d+ baskets/);
    expect(code).toBe(0);
  });

  it('fails when there is nobody to shop with', async () => {
    const { code, output } = await simulate(['--url', 'http://127.0.0.1:1', '--shoppers', '1', '--duration', '1']);

    expect(output).toContain('The invariants could not be checked');
    expect(code).toBe(1);
  });

  async function simulate(
    args: string[],
    onOutput: (sofar: string) => void = () => undefined,
  ): Promise<{ code: number | null; output: string }> {
    const hook = join(root, 'tools/dev/swc-hook.mjs');
    const script = join(__dirname, 'simulate.ts');
    const command = ['--conditions=@aisle/source', '--import', hook, script, '--url', system.gatewayUrl, ...args];
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk);
        onOutput(output);
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }
});

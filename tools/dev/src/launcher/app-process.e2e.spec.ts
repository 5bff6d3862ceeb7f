import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@aisle/std/testing';
import { makeFolders } from '../infra/state.ts';
import { logPath } from '../logs/log-file.ts';
import { identify, signalProcess } from '../process/identity.ts';
import { ask } from '../process/ops-port.ts';
import { freePort } from '../testing/free-port.ts';
import { sourceArgs } from '../workspace.ts';
import { AppProcess, type Ports } from './app-process.ts';
import type { Patience } from './silence.ts';

const PATIENCE_MS = 120_000;

describe('a process that the launcher keeps running', () => {
  const output: string[] = [];
  const strangers: Server[] = [];
  let dataDir: string;
  let app: AppProcess;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'aisle-app-process-'));
    makeFolders(dataDir);
    output.length = 0;
  });

  afterEach(async () => {
    await app.stop();
    for (const stranger of strangers.splice(0)) stranger.close();
    rmSync(dataDir, { recursive: true });
  });

  it.each(['OPS_PORT', 'PORT'] as const)('takes the next port when its %s is taken, and does not trust the answers of others', async (name) => {
    const ports = { OPS_PORT: await freePort(), PORT: await freePort() };
    await listen(ports[name]);

    app = process(ports);
    await app.start();

    const now = { OPS_PORT: Number(new URL(app.opsUrl).port), PORT: app.port };
    expect(now[name]).toBeGreaterThan(ports[name]);
    expect({ ...now, [name]: ports[name] }).toEqual(ports);
    expect(output).toEqual([`! app: port ${ports[name]} is taken, using ${now[name]}`]);
    expect((await ask(app, '/health/ready', PATIENCE_MS))?.ok).toBe(true);
    expect((await fetch(`http://127.0.0.1:${app.port}`)).ok).toBe(true);
  });

  it('takes the next port when its own was taken while it was dead', async () => {
    const ports = { OPS_PORT: await freePort(), PORT: await freePort() };
    app = process(ports);
    await app.start();

    signalProcess(app.identity!, 'SIGKILL');
    await eventually(() => listen(ports.OPS_PORT));
    await eventually(() => hasLine('app is back'));

    expect(output.filter((line) => line.startsWith('!'))).toEqual([
      `! app: port ${ports.OPS_PORT} is taken, using ${new URL(app.opsUrl).port}`,
    ]);
    expect((await ask(app, '/health/live', PATIENCE_MS))?.ok).toBe(true);
  });

  it('is started again when its event loop hangs', async () => {
    app = process({ OPS_PORT: await freePort() }, { WATCHDOG_MS: '2000' });
    await app.start();
    const { pid } = app.identity!;

    signalProcess(app.identity!, 'SIGUSR2');
    await eventually(() => hasLine(`app (pid ${pid}) ended with SIGKILL`));
    await eventually(() => hasLine('app is back'));

    expect(words()).toEqual([expect.stringMatching(/^ {4}[\d:.]+ event loop hung \(libs\/platform\/src\/testing\/behaving-app\.ts:\d+:\d+\) /)]);
  });

  it('is ended and restarted when it no longer answers, and cannot end itself', async () => {
    app = process({ OPS_PORT: await freePort() }, {}, { everyMs: 100, answerWithinMs: 1_000, looks: 3 });
    await app.start();
    const { pid } = app.identity!;

    signalProcess(app.identity!, 'SIGSTOP');
    await eventually(() => hasLine('app is back'));

    expect(output.filter((line) => line.includes('has not answered'))).toEqual([
      expect.stringMatching(new RegExp(`^✗ app \\(pid ${pid}\\) has not answered for \\d+ s; ending it$`)),
    ]);
    expect(identify(pid)).toBeUndefined();
  });

  it('is started again from sources that build, and says so while they do not', async () => {
    let fault: string | undefined;
    app = process({ OPS_PORT: await freePort() });
    const { args } = app.spec;
    Object.assign(app.spec, { args: async () => (fault === undefined ? args() : Promise.reject(new Error(fault))) });
    await app.start();

    fault = 'basket.ts:7: expected "}"';
    signalProcess(app.identity!, 'SIGKILL');
    await eventually(() => hasLine('ended with sources that do not build: basket.ts:7: expected "}"'));
    fault = undefined;
    await eventually(() => hasLine('app is back'));

    expect((await ask(app, '/health/live', PATIENCE_MS))?.ok).toBe(true);
  });

  it('is reported as killed, and as back, without further lines', async () => {
    app = process({ OPS_PORT: await freePort() });
    await app.start();
    const { pid } = app.identity!;

    signalProcess(app.identity!, 'SIGKILL');
    await eventually(() => hasLine('app is back'));

    expect(output).toEqual([
      `✗ app (pid ${pid}) ended with SIGKILL; starting it again in 0.1 s`,
      expect.stringMatching(new RegExp(`^✓ app is back \\(pid ${app.identity!.pid}\\) after [\\d.]+ s$`)),
    ]);
  });

  it('is told to have ended by somebody else\'s wish when that was so', async () => {
    app = process({ OPS_PORT: await freePort() });
    await app.start();
    const { pid } = app.identity!;

    signalProcess(app.identity!, 'SIGTERM');
    await eventually(() => hasLine('app is back'));

    expect(output[0]).toBe(`! app (pid ${pid}) was told to stop, and did; starting it again in 0.1 s`);
    expect(words()).toEqual([]);
  });

  it('has its crash reported in a few readable lines, however much it wrote', async () => {
    app = process({ OPS_PORT: await freePort() }, { BEHAVIOUR: 'crash' });
    await app.start();

    signalProcess(app.identity!, 'SIGUSR2');
    await eventually(() => hasLine('app is back'));

    expect(words()).toEqual([
      expect.stringMatching(/^ {4}[\d:.]+ order not placed: the shop is closed \(libs\/platform\/.*\) order=0 \(1000 times\)$/),
      expect.stringMatching(/^ {4}[\d:.]+ process crashed: no more orders ← the shop is closed \(libs\/platform\/src\/testing\/behaving-app\.ts:\d+:\d+\)$/),
    ]);
  });

  it('is awaited as long as it lives, with the reason', async () => {
    app = process({ OPS_PORT: await freePort() }, { UNREADY: 'the shop opens at nine' }, undefined, 1);
    const reasons: string[] = [];
    const started = app.start((reason) => reasons.push(reason));
    await eventually(() => hasLine('wish: the shop opens at nine'));

    signalProcess(app.identity!, 'SIGUSR2');
    await started;

    expect(new Set(reasons)).toEqual(new Set(['it does not answer on its ops port yet', 'it is starting', 'wish: the shop opens at nine']
      .filter((reason) => reasons.includes(reason))));
    expect(output.filter((line) => line.includes('the shop'))[0]).toMatch(/^… app is not ready after \d+ s: wish: the shop opens at nine$/);
  });

  it('has a log that other users cannot read', async () => {
    app = process({ OPS_PORT: await freePort() });
    await app.start();

    expect(statSync(logPath(dataDir, 'app')).mode & 0o777 & ~0o640).toBe(0);
  });

  it('reports its reason of death when that is not a port', async () => {
    app = process({ OPS_PORT: await freePort() }, { BEHAVIOUR: 'nonsense' });

    await expect(app.start()).rejects.toThrow(/^it ended with code 78; its last words:[^]*BEHAVIOUR/);
  });

  /** The reported last words of ended processes. */
  function words(): string[] {
    return output.filter((line) => line.startsWith('    '));
  }

  function process(ports: Ports, env: Record<string, string> = {}, patience?: Patience, patientMs?: number): AppProcess {
    const spec = { instance: 'app', args: async () => sourceArgs('libs/platform/src/testing/behaving-app.ts'), ports, env };
    const terminal = { line: (line = '') => void output.push(line), paint: (_colour: unknown, text: string) => text };
    return new AppProcess(spec, {
      dataDir, terminal, changed: () => undefined, ...(patience ? { patience } : {}), ...(patientMs === undefined ? {} : { patientMs }),
    });
  }

  /** A foreign server that answers 200 to everything. */
  async function listen(port: number): Promise<void> {
    const stranger = createServer((_request, response) => response.end('{"ready":true}'));
    strangers.push(stranger);
    await once(stranger.listen(port, '127.0.0.1'), 'listening');
  }

  function hasLine(part: string): boolean {
    return output.some((line) => line.includes(part));
  }
});

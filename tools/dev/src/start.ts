// `npm start`: the whole system on one machine, with one command.
import { wantedPort } from './launcher/apps.ts';
import { banner } from './launcher/banner.ts';
import { help, parseOptions, type StartOptions } from './launcher/options.ts';
import { claimPlace } from './launcher/running.ts';
import { ShopperProcess } from './launcher/shoppers.ts';
import { LaunchedSystem } from './launcher/system.ts';
import { Terminal, failureLines } from './launcher/terminal.ts';
import { defaultDataDir, openDataDir } from './workspace.ts';

// One Ctrl-C arrives twice: from the terminal, and passed on by npm.
const SAME_SIGNAL_MS = 500;
const PARENT_LOOK_MS = 500;

const terminal = new Terminal();

async function main(): Promise<number> {
  const startMs = Date.now();
  const options = readOptions();
  if (typeof options === 'number') return options;

  const dataDir = defaultDataDir();
  try {
    openDataDir(dataDir);
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
  const claimed = await claimPlace(dataDir);
  if (!('place' in claimed)) {
    const where = claimed.system.urls.join(', ') || 'it is still starting';
    console.error(
      `Aisle runs already from ${dataDir}: ${where} (pid ${claimed.pid}). Stop that one first, by Ctrl-C.`,
    );
    return 1;
  }

  const system = new LaunchedSystem({ options, dataDir, place: claimed.place, terminal });
  const stopped = onSignals(system);
  try {
    await system.start();
    const { gatewayPort } = system;
    banner(terminal, { apps: system.apps, gatewayPort, adminKey: system.adminKey?.text, dataDir, tookMs: Date.now() - startMs });
    if (options.shoppers && !stopped.asked) stopped.stopWith(new ShopperProcess(options.shoppers, gatewayPort, system.adminKey?.text, terminal));
  } catch (error) {
    if (!stopped.asked) {
      tellFailure(error);
      await system.stop();
      return 1;
    }
  }
  return stopped.code;
}

function readOptions(): StartOptions | number {
  try {
    const options = parseOptions(process.argv.slice(2));
    wantedPort('gateway');
    if (options !== 'help') return options;
    console.log(help);
    return 0;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
}

interface Stopped {
  asked: boolean;
  readonly code: Promise<number>;
  /** Shoppers leave before anything stops. Everything stops when they leave by themselves. */
  stopWith(shoppers: ShopperProcess): void;
}

/** The first signal stops everything in order, the second one at once. */
function onSignals(system: LaunchedSystem): Stopped {
  let firstMs: number | undefined;
  let shoppers: ShopperProcess | undefined;
  let resolveCode: (code: number | Promise<number>) => void;
  const stop = async (): Promise<number> => {
    const verdict = (await shoppers?.stop()) ?? 0;
    try {
      await system.stop();
    } catch (error) {
      tellFailure(error);
      system.kill();
      return 1;
    }
    terminal.line('Everything is stopped.');
    return verdict;
  };
  const handle = (reason: string) => {
    if (firstMs !== undefined) {
      if (Date.now() - firstMs < SAME_SIGNAL_MS) return;
      shoppers?.kill();
      system.kill();
      process.exit(130);
    }
    firstMs = Date.now();
    stopped.asked = true;
    terminal.line();
    terminal.line(`${reason}: stopping everything in order (once more to kill)`);
    resolveCode(stop());
  };
  const stopped: Stopped = {
    asked: false,
    code: new Promise<number>((resolve) => (resolveCode = resolve)),
    stopWith(process) {
      shoppers = process;
      void process.ended.then(() => firstMs ?? handle('the shoppers are gone'));
    },
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle);
  // npm passes a signal on to a shell, which ends without passing it on to us.
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    if (firstMs === undefined) handle('npm is gone');
  }, PARENT_LOOK_MS);
  if (process.env['npm_lifecycle_event'] === undefined) clearInterval(look);
  return stopped;
}

function tellFailure(error: unknown) {
  const [title, ...rest] = failureLines(error);
  terminal.line(`${terminal.paint('red', '✗')} ${title}`);
  for (const line of rest) terminal.line(line);
}

process.exit(await main());

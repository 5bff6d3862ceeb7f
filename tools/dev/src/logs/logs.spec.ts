import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Folding, type ProcessLine, type ShownLine } from './folding.ts';
import { crashLines, lastWords } from './last-words.ts';
import { OLD_PARTS, logPath, openLog, rotateLog } from './log-file.ts';
import { linesOf } from './log-line.ts';
import { LogReader } from './log-reader.ts';
import { isMeant, isShown, parseLogsOptions } from './logs-options.ts';
import { textOf } from './show-line.ts';

const AT = '2026-11-29T22:56:55.000Z';
const AT_MS = new Date(AT).getTime();

describe('a log', () => {
  let dataDir: string;
  let path: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'aisle-logs-'));
    mkdirSync(join(dataDir, 'logs'));
    path = logPath(dataDir, 'app');
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it.each([0o666, 0o644, 0o600])('is for its owner and group, also when it was there with mode %o', (mode) => {
    writeFileSync(path, '', { mode });

    openLog(dataDir, 'app').close();

    expect(statSync(path).mode & 0o777).toBe(mode & 0o640);
  });

  it('is moved aside when it is too long, a few times', () => {
    const log = openLog(dataDir, 'app');
    for (let part = 0; part < OLD_PARTS + 3; part++) {
      // Writes as a process that has inherited the descriptor.
      appendFileSync(log.descriptor, `part ${part} ${'x'.repeat(100)}\n`);
      rotateLog(path, 50);
    }
    appendFileSync(log.descriptor, 'the last one\n');
    log.close();

    expect(readFileSync(path, 'utf8')).toBe('the last one\n');
    expect(readFileSync(`${path}.1`, 'utf8')).toMatch(/^part 5 /);
    expect(existsSync(`${path}.${OLD_PARTS}`)).toBe(true);
    expect(existsSync(`${path}.${OLD_PARTS + 1}`)).toBe(false);
    expect(statSync(`${path}.1`).mode & 0o777 & ~0o640).toBe(0);
  });

  it('stays as it is while it is short', () => {
    writeFileSync(path, 'short\n');

    rotateLog(path, 50);

    expect([readFileSync(path, 'utf8'), existsSync(`${path}.1`)]).toEqual(['short\n', false]);
  });

  it('tells what one run wrote, also after it was moved aside', () => {
    writeFileSync(path, 'the run before\n');
    const log = openLog(dataDir, 'app');
    appendFileSync(path, 'this run\n');
    const before = log.text();

    rotateLog(path, 1);
    appendFileSync(path, 'goes on\n');
    log.close();

    expect([before, log.text()]).toEqual(['this run\n', 'goes on\n']);
  });

  it('has no last words of a process that had long been silent', () => {
    const log = openLog(dataDir, 'app');
    appendFileSync(path, `${json('error', 'long ago')}\n`);
    log.close();
    const { mtimeMs } = statSync(path);

    expect(lastWords(log, mtimeMs + 1_000)).toEqual([expect.stringContaining('long ago')]);
    expect(lastWords(log, mtimeMs + 60_000)).toEqual([]);
  });

  it('is read line by line as it grows, and from its beginning when it starts again', () => {
    const reader = new LogReader(dataDir, () => true);
    const texts = (): string[] => reader.read().map(({ instance, line }) => `${instance}: ${line.message}`);
    writeFileSync(path, `${json('info', 'one')}\n{"level"`);
    writeFileSync(logPath(dataDir, 'redis'), '12:M 29 Nov 2026 22:56:54.000 * ready\n');
    const first = texts();
    writeFileSync(path, `${json('info', 'one')}\n${json('info', 'tö')}\n`);
    const second = texts();
    rotateLog(path, 1);
    appendFileSync(path, `${json('info', 'anew')}\n`);

    expect(first).toEqual(['redis: ready', 'app: one']);
    expect(second).toEqual(['app: tö']);
    expect(texts()).toEqual(['app: anew']);
    expect(new LogReader(dataDir, (name) => name === 'app').read({ old: true }).map(({ line }) => line.message)).toEqual(['one', 'tö', 'anew']);
  });
});

describe('a line of a log', () => {
  it.each([
    ['an app', json('warn', 'renewal late', { shard: 7 }), 'warn', 'renewal late shard=7'],
    ['PostgreSQL', '2026-11-29 22:56:55.000 UTC [12] ERROR:  no such table', 'error', 'no such table'],
    ['PostgreSQL at its end', '2026-11-29 22:56:55.000 UTC [12] LOG:  shutting down', 'info', 'shutting down'],
    ['Redis', '12:M 29 Nov 2026 22:56:55.000 # out of memory', 'warn', 'out of memory'],
    ['the keeper', '2026-11-29T22:56:55.000Z keeper 12: redis: up', 'info', 'redis: up'],
    ['nobody known', 'Segmentation fault', undefined, 'Segmentation fault'],
    ['an app that was cut off', '{"level":"info","mess', undefined, '{"level":"info","mess'],
  ])('of %s is understood', (_who, text, level, shown) => {
    const [line] = linesOf(text);

    expect([line?.level, line && textOf(line)]).toEqual([level, shown]);
  });

  it('shows an error with its causes and its location, without a stack', () => {
    const error = { name: 'ClusterUnavailable', message: 'away', code: 'cluster.unavailable', stack: 'ClusterUnavailable: away\n    at node:internal:1:1\n    at load (file:///x/node_modules/pg/a.js:1:2)\n    at read (file:///x/libs/cluster/src/watch.ts?t=1:82:18)' };
    const [line] = linesOf(json('error', 'not read', { error, causes: [{ name: 'Error', message: 'refused' }], markets: ['m1'] }));

    expect(textOf(line!)).toBe('not read: ClusterUnavailable: away [cluster.unavailable] ← refused (libs/cluster/src/watch.ts:82:18) markets=["m1"]');
  });
});

describe('the last words of a process', () => {
  it('are its errors of the last moments, each kind once, at most five', () => {
    const early = json('error', 'long before', {}, new Date(AT_MS - 60_000).toISOString());
    const lines = [early, json('info', 'all is well'), ...Array.from({ length: 40 }, (_, n) => json('error', `kind ${n % 8}`))];

    expect(crashLines(lines.join('\n')).map((line) => line.replace(/^[\d:.]+ /, ''))).toEqual([3, 4, 5, 6, 7].map((n) => `kind ${n} (5 times)`));
  });

  it.each([
    ['an error that nobody caught', 'file:///x/a.ts:3\n    throw new Error("x");\n          ^\n\nError: no such module\n    at load (node:internal:1:1)\n\nNode.js v20.20.2', ['Error: no such module']],
    ['memory that is used up', '\n<--- Last few GCs --->\n\n[12:0x1] 55 ms: Mark-Compact\n\n<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit\n----- Native stack trace -----\n\n 1: 0xb8 node::Abort()', ['FATAL ERROR: Reached heap limit']],
    ['a configuration that is bad', 'the configuration is not usable:\n  PORT: too big', ['the configuration is not usable:', 'PORT: too big']],
    ['nothing', '', []],
  ])('tell of %s', (_what, text, words) => {
    expect(crashLines(`${json('info', 'app started')}\n${text}`).map((line) => line.trim())).toEqual(words);
  });
});

describe('a storm of lines', () => {
  it('is shown with its count by the process that died of it', () => {
    const storm = [...Array.from({ length: 20 }, () => json('error', 'a')), json('error', 'a', { repeated: 980 })];

    expect(crashLines(storm.join('\n')).map((line) => line.replace(/^[\d:.]+ /, ''))).toEqual(['a (1000 times)']);
  });

  it('becomes a few lines, and one with a count', () => {
    const folding = new Folding();
    const shown: ShownLine[] = [];
    for (let n = 0; n < 1_000; n++) shown.push(...folding.take(lineAt('relay failed', AT_MS + n)), ...folding.take(lineAt(`shard ${n % 2}`, AT_MS + n)));

    expect(shown.map(({ line }) => line.message).sort()).toEqual([...Array<string>(5).fill('relay failed'), ...Array<string>(5).fill('shard 0'), ...Array<string>(5).fill('shard 1')]);
    expect(folding.due(AT_MS + 9_000)).toEqual([]);
    expect(folding.due(AT_MS + 11_000).map(({ line, more }) => [line.message, more])).toEqual([['relay failed', 994], ['shard 0', 494], ['shard 1', 494]]);
  });

  function lineAt(message: string, atMs: number): ProcessLine {
    return { instance: 'app', atMs, line: { timeMs: atMs, level: 'warn', message, fields: {} } };
  }
});

describe('the command line of npm run logs', () => {
  it('is an app, a level, a trace and a number of lines', () => {
    expect(parseLogsOptions([])).toEqual({ level: 'debug', once: false, lines: 50 });
    expect(parseLogsOptions(['gateway', '--level', 'warn', '--lines', '7', '--once'])).toEqual({ app: 'gateway', level: 'warn', lines: 7, once: true });
    expect(parseLogsOptions(['--trace', `00-${'A1'.repeat(16)}-${'b'.repeat(16)}-01`])).toMatchObject({ trace: 'a1'.repeat(16), lines: Infinity });
  });

  it.each([
    [['--level', 'loud'], '--level takes debug, info, warn, error, not \'loud\''],
    [['--trace', 'x'], '--trace takes a trace id of 32 hexadecimal digits'],
    [['--lines', '-1'], '--lines'],
    [['a', 'b'], 'only one app or process may be named'],
    [['--follow'], "Unknown option '--follow'"],
  ])('is refused when it is %j', (args, message) => {
    expect(() => parseLogsOptions(args)).toThrow(message);
  });

  it.each([
    ['basket-server', 'basket-server-2', true], ['basket-server-2', 'basket-server-2', true], [undefined, 'redis', true],
    ['basket', 'basket-server-2', false], ['basket-server-2', 'basket-server-21', false],
  ])('means with %s the process %s: %s', (app, instance, meant) => {
    expect(isMeant(app, instance)).toBe(meant);
  });

  it('shows lines of a level and above, those of a trace, and what has no level', () => {
    const lines = linesOf([json('info', 'a', { traceId: 'a1'.repeat(16) }), json('error', 'b'), 'FATAL ERROR: c'].join('\n'));
    const shown = (args: string[]): string[] => {
      const options = parseLogsOptions(args);
      if (options === 'help') throw new Error('it is no question');
      return lines.filter((line) => isShown({ instance: 'app', atMs: 0, line }, options)).map(({ message }) => message);
    };

    expect(shown(['--level', 'warn'])).toEqual(['b', 'FATAL ERROR: c']);
    expect(shown(['--trace', 'a1'.repeat(16)])).toEqual(['a']);
  });
});

function json(level: string, message: string, fields: object = {}, time = AT): string {
  return JSON.stringify({ level, time, instance: 'app', app: 'app', ...fields, message });
}

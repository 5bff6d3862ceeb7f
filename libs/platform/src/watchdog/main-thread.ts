import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const FRAMES_MAX = 20;
const NS_PER_MS = 1_000_000;

/** The milliseconds that the main thread has waited for a core, as Linux counts them; 0 on other systems. */
export function mainThreadWaitedMs(): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return (Number(waitedNs) || 0) / NS_PER_MS;
  } catch {
    return 0;
  }
}

/**
 * Pauses the main thread for good, wherever it is in JavaScript, and passes the lines of its stack to `onStack`. Call it from a
 * worker. `onStack` is never called if the main thread does not return from native code.
 */
export function pauseMainThread(onStack: (lines: string[]) => void): void {
  const session = new Session();
  const urls = new Map<string, string>();
  session.connectToMainThread();
  session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => urls.set(scriptId, url));
  session.on('Debugger.paused', ({ params: { callFrames } }) => {
    onStack(callFrames.slice(0, FRAMES_MAX).map(({ functionName, location: { scriptId, lineNumber, columnNumber = 0 } }) =>
      `${functionName || '<anonymous>'} (${urls.get(scriptId) ?? 'unknown'}:${lineNumber + 1}:${columnNumber + 1})`));
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}

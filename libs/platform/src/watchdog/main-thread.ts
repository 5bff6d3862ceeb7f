import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const FRAMES_MAX = 20;
const NS_PER_MS = 1_000_000;

/** How long the main thread has waited for a core, as Linux counts it; 0 where the system does not say. */
export function mainThreadWaitedMs(): number {
  try {
    const [, waitedNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return (Number(waitedNs) || 0) / NS_PER_MS;
  } catch {
    return 0;
  }
}

/**
 * Pauses the main thread for good, wherever it is in JavaScript, and hands over the lines of its stack. Only from a
 * worker. Never calls back when the main thread does not come back from native code.
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

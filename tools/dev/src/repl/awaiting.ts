import type { REPLEval, REPLServer } from 'node:repl';

/**
 * Makes a prompt show the result of a promise instead of the promise. Later lines, pasted or piped in, wait for it.
 * Returns a function whose promise resolves when all of them are done.
 */
export function awaitResults(server: REPLServer): () => Promise<void> {
  const evaluate = server.eval;
  const take = server.listeners('line') as ((line: string) => void)[];
  const lines: string[] = [];
  const idle: (() => void)[] = [];
  let isBusy = false;
  const goOn = (): void => {
    while (!isBusy && lines.length > 0) {
      const line = lines.shift() as string;
      for (const listener of take) listener.call(server, line);
    }
    if (!isBusy) for (const resolve of idle.splice(0)) resolve();
  };
  const awaiting: REPLEval = (line, context, file, done) => {
    isBusy = true;
    evaluate.call(server, line, context, file, (error, result: unknown) => {
      // This includes the case that a line continues in the next one.
      if (error) return done(error, undefined);
      Promise.resolve(result).then((value) => done(null, value), (failure: Error) => done(failure, undefined));
    });
  };
  const { displayPrompt } = server;
  Object.assign(server, {
    eval: awaiting,
    // Every line ends with this call, even one that throws, which is reported nowhere else.
    displayPrompt(preserveCursor?: boolean) {
      displayPrompt.call(server, preserveCursor);
      isBusy = false;
      setImmediate(goOn);
    },
  });
  server.removeAllListeners('line');
  server.on('line', (line) => {
    lines.push(line);
    goOn();
  });
  return () => new Promise((resolve) => {
    idle.push(resolve);
    goOn();
  });
}

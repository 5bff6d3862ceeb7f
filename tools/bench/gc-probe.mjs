// Imported into a measured process, with --expose-gc. On a message it collects all garbage and answers the remaining
// sizes. Memory released by finalizers is gone after the second collection.
process.on('message', () => {
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    process.send(process.memoryUsage());
  });
});
process.channel?.unref();

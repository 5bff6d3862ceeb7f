// Imported into a process under measurement, with --expose-gc: on a message it collects all garbage
// and answers what is left. What finalizers let go of is gone at the second collection.
process.on('message', () => {
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    process.send(process.memoryUsage());
  });
});
process.channel?.unref();

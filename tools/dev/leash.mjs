// Loaded into every app the launcher starts: when the launcher is gone, however it went, the app
// ends as if it had been told to. The channel alone keeps no process alive.
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

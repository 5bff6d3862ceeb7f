// Loaded into every app that the launcher starts. When the launcher is gone for any reason, the app ends as after a
// SIGTERM. The channel alone keeps no process alive.
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

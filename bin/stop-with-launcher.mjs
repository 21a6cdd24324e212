// Loaded before the program: when the launcher is killed, the program ends as if told to. Without this it would go on
// unseen, and keep its ports and its data folder from the next start.
if (process.channel) {
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}

/**
 * Loaded before a child's own program (`--import`): a child whose parent is gone, however it went,
 * ends too.
 */
process.on("disconnect", () => {
  process.kill(process.pid, "SIGTERM");
});
// The channel alone must not keep a finished program alive.
process.channel?.unref();

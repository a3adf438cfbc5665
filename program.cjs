"use strict";
// What the Pulumi engine loads: it need not know how TypeScript is transpiled here.
const register = require("./register.cjs");

// gRPC status 14 (UNAVAILABLE): the engine was killed. The SDK would tell the engine of it, fail at
// that, tell of it again, and so for ever at full load.
process.prependListener("unhandledRejection", (error) => {
  if (error?.code !== 14) return;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
register(register.providers);

// The SDK asks for the stack of each of its promises, to tell of those that never end; mapped to
// sources, that is a tenth of a preview. Real errors keep theirs.
const mapped = Error.prepareStackTrace;
if (mapped && !process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? "" : mapped(error, frames);
}
module.exports = require("./index.ts");

"use strict";
// What the Pulumi engine loads: it need not know how TypeScript is transpiled here.
const register = require("./register.cjs");

// gRPC status 14 (UNAVAILABLE): the engine was killed. The SDK would tell the engine of it, fail at
// that, tell of it again, and so for ever at full load.
process.prependListener("unhandledRejection", (error) => {
  if (error?.code === 14) process.exit(1);
});
register(register.providers);
module.exports = require("./index.ts");

"use strict";
// Lets `require` load TypeScript: transpiled only, types are checked by `npm run check`.

// Node 22 and later keep compiled code between runs; Node 20 lacks the function.
require("node:module").enableCompileCache?.();

/**
 * @param {readonly string[]} preloaded Large packages to load before the transpiler hooks `require`:
 *   afterwards it would look into each of their files.
 */
module.exports = function register(preloaded) {
  for (const name of preloaded) require(name);
  require("tsx/cjs");
};
module.exports.providers = [
  "@pulumi/pulumi",
  "@pulumi/digitalocean",
  "@pulumi/cloudflare",
  "@pulumi/command",
  "zod",
];

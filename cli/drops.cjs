#!/usr/bin/env node
"use strict";
// Node 22 and later keep compiled code between runs; Node 20 lacks the function.
require("node:module").enableCompileCache?.();
// Loaded before the transpiler hooks `require`: it would look into each of their files.
const heavy = [
  "@pulumi/pulumi",
  "@pulumi/digitalocean",
  "@pulumi/cloudflare",
  "@pulumi/command",
  "zod",
  "yaml",
];
if (["preview", "host"].includes(process.argv[2])) heavy.forEach((name) => require(name));
// The commands are TypeScript, transpiled as they load: no build step between an edit and a run.
require("tsx/cjs");
// Mapping each stack that the SDK captures back to TypeScript costs a tenth of a preview.
if (!process.argv.includes("--debug")) process.setSourceMapsEnabled(false);
require("./main.ts");

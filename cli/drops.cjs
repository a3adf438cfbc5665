#!/usr/bin/env node
"use strict";
// The SDK captures a stack for each of its promises, a tenth of a preview's time. Only --debug shows
// one, and TypeScript's lines with it.
const debug = process.argv.includes("--debug");
if (!debug) Error.stackTraceLimit = 0;
const register = require("../register.cjs");
// Help and a mistyped command answer at once, without the providers.
register(["preview", "host"].includes(process.argv[2]) ? [...register.providers, "yaml"] : []);
if (!debug) process.setSourceMapsEnabled(false);
require("./main.ts");

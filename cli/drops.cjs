#!/usr/bin/env node
"use strict";
const register = require("../register.cjs");
// Help and a mistyped command answer at once, without the providers.
register(["preview", "host"].includes(process.argv[2]) ? [...register.providers, "yaml"] : []);
require("./main.ts");

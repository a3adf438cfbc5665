"use strict";
// What the Pulumi engine loads: it need not know how TypeScript is transpiled here.
const register = require("./register.cjs");
register(register.providers);
module.exports = require("./index.ts");

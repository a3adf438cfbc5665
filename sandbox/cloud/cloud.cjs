"use strict";
// What `drops sandbox` starts in the background: the cloud's process.
const register = require("../../register.cjs");
register(["@pulumi/pulumi", "zod"]);
require("./main.ts");

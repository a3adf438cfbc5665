import { find, packageOf, type Program } from "./host/programs";

// Printed after `npm test`: what it left out, and what it would take to run that.
const missing = (Object.keys(packageOf) as Program[]).filter((name) => find(name) === undefined);
const packages = [...new Set(missing.map((name) => packageOf[name]))];
const state =
  missing.length === 0
    ? "everything it needs is installed"
    : `missing here: ${missing.join(", ")} (apt-get install --no-install-recommends ${packages.join(" ")})`;
process.stdout.write(
  `Not run by npm test: the server's files in the real programs (npm run test:host); ${state}.\n`,
);

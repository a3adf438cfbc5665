import { resolveEngine } from "../sandbox/engine";
import { find, packageOf } from "./host/programs";

// Printed after `npm test`: what it left out, and what it would take to run that.
const told = (needs: Readonly<Record<string, string>>): string => {
  const missing = Object.keys(needs).filter((name) => find(name) === undefined);
  const packages = [...new Set(missing.map((name) => needs[name]))].join(" ");
  return missing.length === 0
    ? "everything it needs is installed"
    : `missing here: ${missing.join(", ")} (apt-get install --no-install-recommends ${packages})`;
};
const page = { chromium: "chromium", "redis-server": "redis-server", "redis-cli": "redis-tools" };
const behind = { "redis-server": "redis-server", nginx: "nginx-light" };

async function main(): Promise<void> {
  // Only what is at hand: a build would take minutes.
  const engine = await resolveEngine({ make: false }).then(
    ({ version }) => `Pulumi ${version} is at hand`,
    () => "no engine is at hand, npm run test:engine makes one",
  );
  process.stdout.write(
    [
      `Browser and Redis parts of the reference app's tests: ${told(page)}.`,
      `Not run by npm test: the programs behind the sandbox (npm run test:engine); ${told(behind)}.`,
      `Not run by npm test: the sandbox on the real engine (npm run test:engine); ${engine}.`,
      `Not run by npm test: the server's files in the real programs (npm run test:host); ${told(packageOf)}.`,
      "",
    ].join("\n"),
  );
}

void main();

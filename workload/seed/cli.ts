import pg from "pg";
import { parseArgs } from "node:util";
import { readConfig } from "../server/config";
import { clientConfig } from "../server/pools";
import { scrubber } from "../server/log";
import { defaultPlan, seed, type SeedPlan } from "./generate";

const USAGE = `usage: npm run seed -- [--users N] [--drops-per-user N] [--first-user ID]
                        [--refund-percent P] [--seed N]
Fills DATABASE_URL with users who opened drops (5 cards each) and gave some cards back.
Defaults: 1000 users, 4 drops each, from user 1, 10 % given back, seed 1.
One million cards: --users 50000`;

const limits: Readonly<Record<keyof SeedPlan, readonly [string, number, number]>> = {
  firstUser: ["first-user", 1, 9_000_000_000_000_000],
  users: ["users", 1, 10_000_000],
  dropsPerUser: ["drops-per-user", 1, 1_000],
  refundPercent: ["refund-percent", 0, 100],
  seed: ["seed", 0, 2_147_483_647],
};

function readPlan(args: readonly string[]): SeedPlan {
  const options = Object.fromEntries(
    Object.values(limits).map(([name]) => [name, { type: "string" as const }]),
  );
  const { values } = parseArgs({ args: [...args], options });
  const entries = Object.entries(limits).map(([key, [name, min, max]]) => {
    const value = values[name];
    if (typeof value !== "string") return [key, defaultPlan[key as keyof SeedPlan]];
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return [key, number];
    throw new Error(`--${name}: got "${value}", allowed is ${min} to ${max}`);
  });
  return Object.fromEntries(entries) as SeedPlan;
}

async function main(): Promise<void> {
  const plan = readPlan(process.argv.slice(2));
  const config = readConfig(process.env);
  const client = new pg.Client(clientConfig(config.database.primary, "drops-seed"));
  try {
    await client.connect();
    const { drops, cards } = await seed(client, plan, (done) => {
      process.stdout.write(`seed: ${done.cards} cards\n`);
    });
    process.stdout.write(`seed: ${plan.users} users, ${drops} drops, ${cards} cards\n`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(scrubber(config.secrets)(message), { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `seed: ${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`,
  );
  process.exitCode = 2;
});

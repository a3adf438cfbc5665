import { describe, expect, it } from "vitest";
import { readConfig } from "../server/config";
import { createLogger, scrubber } from "../server/log";

describe("secrets that a line may hold", () => {
  const clean = scrubber(["abc", "drops", "hunter22"]);

  it.each([
    // Long enough to be no ordinary word.
    ["the password is hunter22", "the password is [secret]"],
    // A short one would garble lines that have nothing to do with it.
    ['{"service":"drops","msg":"abc of drops"}', '{"service":"drops","msg":"abc of drops"}'],
    // In a URL it is cut out all the same.
    ["redis://:abc@h:6379 refused", "redis://:[secret]@h:6379 refused"],
    ["postgres://drops:x@h/drops", "postgres://drops:[secret]@h/drops"],
    ["postgres://u:p@ss@h/d", "postgres://u:[secret]@h/d"],
    ["postgres://u:p/w@h/d", "postgres://u:[secret]@h/d"],
    // The drivers take it from a parameter too.
    ["postgres://h/d?password=abc&x=1 refused", "postgres://h/d?password=[secret]&x=1 refused"],
    ['{"a":"redis://h?db=1&password=a%20c"}', '{"a":"redis://h?db=1&password=[secret]"}'],
    ["https://token@h/path", "https://[secret]@h/path"],
    ['{"a":"redis://:abc@h","b":"x@y"}', '{"a":"redis://:[secret]@h","b":"x@y"}'],
    ["a://u:one@h b://u:two@h", "a://u:[secret]@h b://u:[secret]@h"],
    ["a://u:one@h,b://u:two@h/", "a://u:[secret]@h,b://u:[secret]@h/"],
    // No user information.
    ["https://h/a?mail=me@example.com", "https://h/a?mail=me@example.com"],
    ["https://h/@scope/name", "https://h/@scope/name"],
  ])("%s", (line, expected) => {
    expect(clean(line)).toBe(expected);
  });

  it.each(["a", "a:", "a://", "a://b:", "://"])("takes no time over a long line of %s", (piece) => {
    const started = performance.now();
    clean(piece.repeat(30_000 / piece.length));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

it.each([
  ["DATABASE_URL", "postgresql://u@h/d?sslmode=disable&password=in+the%20query"],
  ["REDIS_URL", "redis://h:6379?password=in+the%20query"],
  ["DATABASE_REPLICA_URL", "postgresql://u:in%20the%20user@h/d"],
])("no line shows a password that came with %s, in either spelling", (name, url) => {
  const config = readConfig({ DATABASE_URL: "postgresql://u@h/d", [name]: url });
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLogger({ level: "info", base: {}, secrets: config.secrets, destination });
  const spellings = ["in+the%20query", "in the query", "in%20the%20user", "in the user"];
  for (const text of spellings) log.info(text);
  const hidden = spellings.filter((_text, index) => lines[index]!.includes("[secret]"));
  expect(hidden).toEqual(
    spellings.filter((text) => text.includes("user") === url.includes("user")),
  );
});

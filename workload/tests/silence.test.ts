import { expect, it } from "vitest";
import { readConfig } from "../server/config";
import { silenceMs } from "../server/silence";

const silence = (env: Readonly<Record<string, string>>) =>
  silenceMs(readConfig({ DATABASE_URL: "postgresql://u@h/d", ...env }));

it.each([
  [{}, 120_000],
  [{ FORWARD_TIMEOUT_MS: "600000" }, 1_220_000],
  [{ REQUEST_TIMEOUT_MS: "600000" }, 670_000],
  [{ DATABASE_STATEMENT_TIMEOUT_MS: "600000" }, 6_040_000],
] as const)(
  "a connection is not closed for its silence before a request may end: %o",
  (env, ms) => {
    expect(silence(env)).toBe(ms);
  },
);

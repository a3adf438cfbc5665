import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../api/failure";
import { type Action, ActionRunner } from "./runner";

const readOnly = new Failure(503, "read_only", "paused", { retryAfterSeconds: 1 });
const refused = new Failure(404, "card_not_found", "no such card");

/** What is left after each attempt; nothing: it succeeds. */
let outcomes: Error[];
let keys: string[];
let shown: readonly Action<string>[];
let stopped: string[];
let runner: ActionRunner<string>;

const phases = () => shown.map(({ what, phase }) => `${what} ${phase.name}`);
/** Lets promises run without letting time pass. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  [outcomes, keys, shown, stopped] = [[], [], [], []];
  let made = 0;
  runner = new ActionRunner<string>({
    send: async (_what, key) => {
      keys.push(key);
      const failure = outcomes.shift();
      if (failure) throw failure;
      await Promise.resolve();
    },
    onChange: (actions) => (shown = actions),
    onStopped: (what) => stopped.push(what),
    newKey: () => `key-${String((made += 1))}`,
    random: () => 0,
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("an action", () => {
  it("uses one key for all its attempts, and another action another", async () => {
    outcomes = [readOnly, readOnly];
    runner.start("drop");
    await vi.advanceTimersByTimeAsync(2_500);
    runner.start("drop");
    await settle();
    expect(keys).toEqual(["key-1", "key-1", "key-1", "key-2"]);
    expect(shown).toEqual([]);
  });

  it("says what it waits for, and until when", async () => {
    outcomes = [readOnly];
    runner.start("drop");
    expect(phases()).toEqual(["drop sending"]);
    await settle();
    expect(shown[0]?.phase).toEqual({ name: "waiting", failure: readOnly, at: Date.now() + 1_000 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(shown).toEqual([]);
  });

  it("does not wait any longer when told to hurry", async () => {
    outcomes = [readOnly];
    runner.start("drop");
    await settle();
    runner.hurry("key-1");
    await settle();
    expect(keys).toHaveLength(2);
    expect(shown).toEqual([]);
  });

  it("is given up when told so; what became of it is to be looked up", async () => {
    outcomes = [readOnly];
    runner.start("drop");
    await settle();
    runner.stop("key-1");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(keys).toHaveLength(1);
    expect(stopped).toEqual(["drop"]);
    expect(shown).toEqual([]);
  });

  it("stays as failed where it was refused, and can be dismissed", async () => {
    outcomes = [refused];
    runner.start("refund");
    await settle();
    expect(shown[0]?.phase).toEqual({ name: "failed", failure: refused });
    runner.stop("key-1");
    expect(shown).toEqual([]);
    expect(stopped).toEqual([]);
  });

  it("keeps its key when the visitor tries again", async () => {
    outcomes = Array.from({ length: 12 }, () => readOnly);
    runner.start("drop");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(phases()).toEqual(["drop failed"]);
    runner.again("key-1");
    await settle();
    expect(new Set(keys)).toEqual(new Set(["key-1"]));
    expect(keys).toHaveLength(13);
    expect(shown).toEqual([]);
  });

  it("stands beside others", async () => {
    outcomes = [readOnly, refused];
    runner.start("first");
    runner.start("second");
    await settle();
    expect(phases().sort()).toEqual(["first waiting", "second failed"]);
    runner.stopAll();
    await settle();
    expect(phases()).toEqual(["second failed"]);
  });
});

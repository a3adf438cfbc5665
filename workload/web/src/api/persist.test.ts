import { describe, expect, it, vi } from "vitest";
import { Failure, noAnswer } from "./failure";
import { delayAfter, persist, type Waiting } from "./persist";

const readOnly = new Failure(503, "read_only", "paused", { retryAfterSeconds: 2 });
const refused = new Failure(404, "card_not_found", "no such card");

function patience(attempts = 12) {
  const waits: Waiting[] = [];
  const options = {
    attempts,
    onWaiting: (waiting: Waiting) => waits.push(waiting),
    pause: vi.fn(async () => Promise.resolve()),
    random: () => 0,
  };
  return { waits, options };
}

describe("persist", () => {
  it("tries again after a passing failure, and says why and how long it waits", async () => {
    const { waits, options } = patience();
    const attempt = vi
      .fn<() => Promise<string>>()
      .mockRejectedValueOnce(readOnly)
      .mockRejectedValueOnce(noAnswer())
      .mockResolvedValue("done");
    expect(await persist(attempt, options)).toBe("done");
    expect(attempt).toHaveBeenCalledTimes(3);
    expect(waits.map(({ failure, delayMs }) => [failure.code, delayMs])).toEqual([
      ["read_only", 2_000],
      ["no_answer", 1_000],
    ]);
    expect(options.pause.mock.calls).toEqual([[2_000], [1_000]]);
  });

  it.each([refused, new Failure(500, "internal", "ours"), new Error("a fault of the page")])(
    "does not repeat what will not pass: %s",
    async (error) => {
      const { options } = patience();
      const attempt = vi.fn(async () => Promise.reject(error));
      await expect(persist(attempt, options)).rejects.toBe(error);
      expect(attempt).toHaveBeenCalledTimes(1);
    },
  );

  it("gives up after the last attempt, with the last failure", async () => {
    const { options } = patience(3);
    const attempt = vi.fn(async () => Promise.reject(readOnly));
    await expect(persist(attempt, options)).rejects.toBe(readOnly);
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  it("stops where the pause is broken off", async () => {
    const { options } = patience();
    const attempt = vi.fn(async () => Promise.reject(readOnly));
    const pause = async () => Promise.reject(new Error("stopped"));
    await expect(persist(attempt, { ...options, pause })).rejects.toThrow("stopped");
    expect(attempt).toHaveBeenCalledTimes(1);
  });
});

describe("the delay", () => {
  const least = () => 0;
  const most = () => 1;

  it("is never shorter than the server asked for", () => {
    const slow = new Failure(503, "x", "x", { retryAfterSeconds: 60 });
    expect(delayAfter(slow, 1, least)).toBe(60_000);
    expect(delayAfter(readOnly, 1, least)).toBe(2_000);
  });

  it.each([
    [noAnswer(), [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]],
    [readOnly, [2_000, 2_000, 2_000, 4_000, 4_000, 4_000, 4_000]],
  ])("grows up to a limit: %s", (failure, delays) => {
    expect(delays.map((_, index) => delayAfter(failure, index + 1, least))).toEqual(delays);
  });

  it("spreads over a quarter", () => {
    expect(delayAfter(readOnly, 1, most)).toBe(2_500);
  });
});

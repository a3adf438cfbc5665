import { describe, expect, it } from "vitest";
import type { Card, CardPage } from "../api/types";
import { type AccountChange, accountReducer, type AccountState, emptyAccount } from "./reducer";

const kind = { name: "Fern", rarity: "common", priceCents: 25 };
const fresh = (id: string) => ({ id, ...kind });
const card = (id: string, isRefunded = false): Card => ({ ...fresh(id), isRefunded });

function page(ids: readonly string[], nextCursor: string | null = null): CardPage {
  return { cards: ids.map((id) => card(id)), nextCursor };
}

function after(...changes: AccountChange[]): AccountState {
  return changes.reduce(accountReducer, emptyAccount);
}

const ids = (state: AccountState) => state.cards?.map(({ id }) => id);
const loaded = (...of: string[]): AccountChange => ({ type: "loaded", page: page(of) });

describe("a user's cards", () => {
  it("are not shown as none before they are loaded", () => {
    expect(after({ type: "opened", cards: [fresh("5")] }).cards).toBeUndefined();
    expect(after(loaded()).cards).toEqual([]);
  });

  it("are shown newest first, also where ids differ in length", () => {
    const state = after(loaded("9", "8"), { type: "opened", cards: [fresh("10"), fresh("11")] });
    expect(ids(state)).toEqual(["11", "10", "9", "8"]);
  });

  it("are shown once, whether the answer or the feed told first", () => {
    const opened = { type: "opened", cards: [fresh("3")] } as const;
    const state = after(loaded("2"), opened, opened);
    expect(ids(state)).toEqual(["3", "2"]);
    expect(state.changes).toBe(1);
  });

  it("go on with the next page", () => {
    const state = after(
      { type: "loaded", page: page(["4", "3"], "next") },
      { type: "more", page: page(["3", "2"]) },
    );
    expect(ids(state)).toEqual(["4", "3", "2"]);
    expect(state.nextCursor).toBeNull();
  });

  it("stay refunded, whatever an older list says", () => {
    const refunded = { type: "refunded", cardId: "2" } as const;
    const state = after(loaded("3", "2"), refunded, refunded, loaded("3", "2"));
    expect(state.cards).toEqual([card("3"), card("2", true)]);
    expect(state.changes).toBe(1);
  });

  it("give way to a newer list", () => {
    expect(ids(after(loaded("3", "2"), loaded("4")))).toEqual(["4"]);
  });
});

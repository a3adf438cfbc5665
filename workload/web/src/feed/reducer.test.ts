import { describe, expect, it } from "vitest";
import { type FeedEvent, parseMessage } from "./messages";
import { emptyFeed, type FeedChange, feedReducer, type FeedState, KEPT } from "./reducer";

function event(id: string): FeedEvent {
  return { type: "card-refunded", id, userId: "1", cardId: "9", priceCents: 25, at: "2026-01-01" };
}

function after(...changes: FeedChange[]): FeedState {
  return changes.reduce(feedReducer, emptyFeed);
}

const told = (...ids: string[]): FeedChange => ({ type: "told", events: ids.map(event) });
const ids = (list: readonly FeedEvent[]) => list.map(({ id }) => id);

describe("the feed", () => {
  it("shows the newest first", () => {
    expect(ids(after(told("a", "b"), told("c")).shown)).toEqual(["c", "b", "a"]);
  });

  it("shows an event once, however often it comes", () => {
    expect(ids(after(told("a", "b", "a"), told("b", "c")).shown)).toEqual(["c", "b", "a"]);
  });

  it("stays the same object where nothing is new, so that nothing is drawn again", () => {
    const state = after(told("a"));
    expect(feedReducer(state, told("a"))).toBe(state);
  });

  it("holds still while paused and catches up afterwards", () => {
    const paused = after(told("a"), { type: "pause" }, told("b"), told("b", "c"));
    expect(ids(paused.shown)).toEqual(["a"]);
    expect(ids(paused.held)).toEqual(["c", "b"]);
    const resumed = feedReducer(paused, { type: "resume" });
    expect(ids(resumed.shown)).toEqual(["c", "b", "a"]);
    expect(resumed).toMatchObject({ held: [], paused: false });
  });

  it("forgets the oldest", () => {
    const many = Array.from({ length: KEPT + 25 }, (_, index) => `e${String(index)}`);
    const state = after(told(...many), { type: "pause" }, told(...many.map((id) => `${id}'`)));
    expect(state.shown).toHaveLength(KEPT);
    expect(state.shown[0]?.id).toBe(`e${String(KEPT + 24)}`);
    expect(state.held).toHaveLength(KEPT);
  });
});

describe("messages", () => {
  const common = { id: "x", userId: "7", at: "2026-01-01T00:00:00Z" };
  const card = { id: "1", name: "Fern", rarity: "common", priceCents: 25 };

  it("are read", () => {
    const opened = { type: "drop-opened", ...common, cards: [card] };
    expect(parseMessage(JSON.stringify({ ...opened, dropId: "3" }))).toEqual(opened);
    const refunded = { type: "card-refunded", ...common, cardId: "1", priceCents: 25 };
    expect(parseMessage(JSON.stringify(refunded))).toEqual(refunded);
  });

  it.each([
    ["a greeting", '{"type":"welcome"}'],
    ["no JSON", "{"],
    ["no object", "null"],
    ["binary", new ArrayBuffer(2)],
    ["a kind of a later version", JSON.stringify({ type: "card-traded", ...common })],
    ["a field missing", JSON.stringify({ type: "card-refunded", ...common, cardId: "1" })],
  ])("that are none of the feed are left alone: %s", (_name, data) => {
    expect(parseMessage(data)).toBeUndefined();
  });

  it("lose only the cards that cannot be read", () => {
    const cards = [card, null, { ...card, priceCents: "25" }];
    const opened = parseMessage(JSON.stringify({ type: "drop-opened", ...common, cards }));
    expect(opened).toMatchObject({ cards: [card] });
  });
});

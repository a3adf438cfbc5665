import type { FeedEvent } from "../feed/messages";
import type { FeedChange, FeedState } from "../feed/reducer";
import { money, rank, timeOfDay } from "../format";

interface Props {
  readonly feed: FeedState;
  readonly change: (change: FeedChange) => void;
  /** Whose events are marked as one's own. */
  readonly userId: string;
}

export function FeedPanel({ feed, change, userId }: Props) {
  const { shown, held, paused } = feed;
  const waiting = held.length > 0 ? ` (${String(held.length)} new)` : "";
  return (
    <aside className="feed" aria-labelledby="feed-title">
      <header className="section-head">
        <h2 id="feed-title">Live feed</h2>
        <button
          type="button"
          className="quiet small"
          onClick={() => {
            change({ type: paused ? "resume" : "pause" });
          }}
        >
          {paused ? `Resume${waiting}` : "Pause"}
        </button>
      </header>
      {shown.length === 0 && <p className="empty">What people open and refund appears here.</p>}
      {/* Scrolled by its own, so it can be reached with the keyboard. */}
      <div role="log" className="feed-lines" tabIndex={0} aria-labelledby="feed-title">
        <ol>
          {shown.map((event) => (
            <FeedLine key={event.id} event={event} mine={event.userId === userId} />
          ))}
        </ol>
      </div>
    </aside>
  );
}

function FeedLine({ event, mine }: { readonly event: FeedEvent; readonly mine: boolean }) {
  const who = mine ? "You" : `User ${event.userId}`;
  return (
    <li className="feed-line" data-type={event.type} data-mine={mine}>
      <p>
        <strong>{who}</strong> {event.type === "drop-opened" ? "opened a drop" : "refunded a card"}
        <br />
        <Detail event={event} />
      </p>
      <time dateTime={event.at}>{timeOfDay(event.at)}</time>
    </li>
  );
}

function Detail({ event }: { readonly event: FeedEvent }) {
  if (event.type === "card-refunded") {
    return <span className="feed-detail">for {money(event.priceCents)}</span>;
  }
  const [best] = [...event.cards].sort((a, b) => rank(b.rarity) - rank(a.rarity));
  if (!best) return null;
  return (
    <span className="feed-detail">
      {event.cards.length} cards, best{" "}
      <span className="rarity" data-rarity={best.rarity}>
        {best.name}
      </span>
    </span>
  );
}

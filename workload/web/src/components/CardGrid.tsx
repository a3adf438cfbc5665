import type { Card } from "../api/types";
import { CardTile } from "./CardTile";

interface Props {
  /** undefined: not loaded yet. */
  readonly cards: readonly Card[] | undefined;
  readonly fresh: ReadonlySet<string>;
  /** Cards whose refund is under way. */
  readonly refunding: ReadonlySet<string>;
  readonly hasMore: boolean;
  readonly loadingMore: boolean;
  readonly includeRefunded: boolean;
  readonly onIncludeRefunded: (include: boolean) => void;
  readonly onRefund: (card: Card) => void;
  readonly onMore: () => void;
}

export function CardGrid(props: Props) {
  const { cards, fresh, refunding } = props;
  return (
    <section className="cards" aria-labelledby="cards-title" aria-busy={cards === undefined}>
      <header className="section-head">
        <h2 id="cards-title">Cards</h2>
        <label className="check">
          <input
            type="checkbox"
            checked={props.includeRefunded}
            onChange={(event) => {
              props.onIncludeRefunded(event.target.checked);
            }}
          />
          Show refunded
        </label>
      </header>
      {cards === undefined && <p className="empty">Loading cards…</p>}
      {cards?.length === 0 && (
        <p className="empty">
          <strong>No cards yet.</strong> Open a drop to draw the first ones.
        </p>
      )}
      {cards && cards.length > 0 && (
        <ul className="tiles">
          {cards.map((card) => (
            <CardTile
              key={card.id}
              card={card}
              fresh={fresh.has(card.id)}
              busy={refunding.has(card.id)}
              onRefund={props.onRefund}
            />
          ))}
        </ul>
      )}
      {props.hasMore && (
        <button
          type="button"
          className="quiet more"
          aria-disabled={props.loadingMore}
          onClick={props.onMore}
        >
          {props.loadingMore ? "Loading…" : "Show more cards"}
        </button>
      )}
    </section>
  );
}

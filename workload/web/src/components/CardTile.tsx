import type { Card } from "../api/types";
import { money } from "../format";
import { Ripples } from "./Ripples";

interface Props {
  readonly card: Card;
  /** Just drawn. */
  readonly fresh: boolean;
  /** A refund of it is under way. */
  readonly busy: boolean;
  readonly onRefund: (card: Card) => void;
}

export function CardTile({ card, fresh, busy, onRefund }: Props) {
  const { name, rarity, priceCents, isRefunded } = card;
  const idle = !busy && !isRefunded;
  const price = money(priceCents);
  return (
    <li
      className={fresh ? "tile fresh" : "tile"}
      data-rarity={rarity}
      data-card={card.id}
      data-refunded={isRefunded}
    >
      <Ripples name={name} rarity={rarity} />
      <div className="tile-text">
        <h3>{name}</h3>
        <p className="tile-facts">
          <span className="rarity">{rarity}</span>
          <span className="price">{price}</span>
        </p>
      </div>
      {/* Stays in its place when done: the focus would be lost with it. */}
      <button
        type="button"
        className="quiet tile-refund"
        aria-disabled={!idle}
        aria-label={isRefunded ? `${name}, refunded` : `Refund ${name} for ${price}`}
        onClick={() => {
          if (idle) onRefund(card);
        }}
      >
        {isRefunded ? "Refunded" : busy ? "Refunding…" : "Refund"}
      </button>
    </li>
  );
}

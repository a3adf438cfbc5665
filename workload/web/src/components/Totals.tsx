import type { Summary } from "../api/types";
import { count, money } from "../format";

export function Totals({ summary }: { readonly summary: Summary | undefined }) {
  const rows = [
    ["Cards", summary && count(summary.cardsHeld)],
    ["Value", summary && money(summary.heldValueCents)],
    ["Refunded", summary && money(summary.balanceCents)],
  ] as const;
  return (
    <dl className="totals" aria-label="Totals">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd data-total={label.toLowerCase()}>{value ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

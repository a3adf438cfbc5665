import { useState } from "react";
import type { Api } from "../api/client";
import type { NewCard } from "../api/types";
import { CardGrid } from "../components/CardGrid";
import { FeedPanel } from "../components/FeedPanel";
import { LinkStatus } from "../components/LinkStatus";
import { Logo } from "../components/Logo";
import { Notices } from "../components/Notices";
import { OpenDrop } from "../components/OpenDrop";
import { Totals } from "../components/Totals";
import { UserForm } from "../components/UserForm";
import type { FeedEvent } from "../feed/messages";
import { useFeed } from "../feed/useFeed";
import { money } from "../format";
import { useAccount } from "./useAccount";
import { useActions } from "./useActions";

interface Props {
  readonly api: Api;
  readonly userId: string;
  readonly onUser: (userId: string) => void;
}

/** Everything about one user: what they hold, what they can do, and what others do. */
export function AccountPage({ api, userId, onUser }: Props) {
  const [includeRefunded, setIncludeRefunded] = useState(false);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  /** Spoken to who cannot see the cards change. */
  const [spoken, setSpoken] = useState("");
  const account = useAccount(api, userId, includeRefunded);
  const { state, change } = account;

  const opened = (cards: readonly NewCard[]) => {
    setFresh(new Set(cards.map(({ id }) => id)));
    change({ type: "opened", cards });
  };
  const { actions, runner } = useActions(api, userId, {
    onOpened: ({ cards }) => {
      opened(cards);
      setSpoken(
        `Drop opened: ${cards.map(({ name, rarity }) => `${name}, ${rarity}`).join("; ")}.`,
      );
    },
    onRefunded: ({ id, name, priceCents }) => {
      change({ type: "refunded", cardId: id });
      setSpoken(`${name} refunded for ${money(priceCents)}.`);
    },
    onUnsure: account.reload,
  });
  const live = useFeed({
    onBack: account.reload,
    onEvents: (events) => {
      // Another window, or another tier, changed what is shown here.
      for (const event of events.filter((each) => each.userId === userId)) apply(event);
    },
  });
  const apply = (event: FeedEvent) => {
    if (event.type === "drop-opened") opened(event.cards);
    else change({ type: "refunded", cardId: event.cardId });
  };
  const refunding = actions.flatMap(({ what, phase }) =>
    what.kind === "refund" && phase.name !== "failed" ? [what.card.id] : [],
  );
  const opening = actions.some(
    ({ what, phase }) => what.kind === "drop" && phase.name !== "failed",
  );

  return (
    <div className="page">
      <header className="top">
        <h1>
          <Logo /> Drops
        </h1>
        <LinkStatus link={live.link} />
        <UserForm userId={userId} onUser={onUser} />
      </header>
      <main>
        <section className="desk" aria-label={`User ${userId}`}>
          <Totals summary={state.summary} />
          <OpenDrop
            busy={opening}
            onOpen={(pack) => {
              runner?.start({ kind: "drop", pack });
            }}
          />
        </section>
        <Notices actions={actions} runner={runner} trouble={account.trouble} />
        <p className="unseen" role="status">
          {spoken}
        </p>
        <CardGrid
          cards={state.cards}
          fresh={fresh}
          refunding={new Set(refunding)}
          hasMore={state.nextCursor !== null}
          loadingMore={account.loadingMore}
          includeRefunded={includeRefunded}
          onIncludeRefunded={setIncludeRefunded}
          onRefund={(card) => {
            runner?.start({ kind: "refund", card });
          }}
          onMore={() => void account.more()}
        />
      </main>
      <FeedPanel feed={live.feed} change={live.change} userId={userId} />
    </div>
  );
}

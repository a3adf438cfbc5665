import { useEffect, useEffectEvent, useState } from "react";
import { type Action, ActionRunner } from "../actions/runner";
import type { Api } from "../api/client";
import { Failure } from "../api/failure";
import { newKey } from "../api/newKey";
import type { Card, Drop, Pack } from "../api/types";

export type What =
  { readonly kind: "drop"; readonly pack: Pack } | { readonly kind: "refund"; readonly card: Card };

interface Outcomes {
  readonly onOpened: (drop: Drop) => void;
  readonly onRefunded: (card: Card) => void;
  /** What became of it is not known: look. */
  readonly onUnsure: () => void;
}

/** What the visitor asked for, and how far it is. */
export function useActions(api: Api, userId: string, outcomes: Outcomes) {
  const [actions, setActions] = useState<readonly Action<What>[]>([]);
  const send = useEffectEvent(async (what: What, key: string, signal: AbortSignal) => {
    if (what.kind === "drop") {
      outcomes.onOpened(await api.openDrop(userId, what.pack, key, signal));
      return;
    }
    try {
      await api.refund(userId, what.card.id, key, signal);
    } catch (error) {
      // Done already, perhaps in another window: what was wanted holds.
      if (!(error instanceof Failure) || error.code !== "already_refunded") throw error;
    }
    outcomes.onRefunded(what.card);
  });
  const unsure = useEffectEvent(() => {
    outcomes.onUnsure();
  });
  const [runner, setRunner] = useState<ActionRunner<What>>();
  useEffect(() => {
    let gone = false;
    const made = new ActionRunner<What>({
      send: (what, key, signal) => send(what, key, signal),
      onChange: (now) => {
        if (!gone) setActions(now);
      },
      onStopped: () => {
        if (!gone) unsure();
      },
      newKey,
    });
    setRunner(made);
    return () => {
      gone = true;
      made.stopAll();
    };
  }, []);
  return { actions, runner };
}

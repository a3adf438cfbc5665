import { useEffect, useEffectEvent, useReducer, useState } from "react";
import { FeedConnection, type Link } from "./connection";
import type { FeedEvent } from "./messages";
import { emptyFeed, feedReducer } from "./reducer";

/** Events are shown together: under load there are hundreds a second, and eyes are slower. */
const GATHER_MS = 150;

interface Listeners {
  readonly onEvents: (events: readonly FeedEvent[]) => void;
  /** The connection is there (again); what happened before was told to nobody here. */
  readonly onBack: () => void;
}

/** The live feed, for as long as the component is there. */
export function useFeed(listeners: Listeners) {
  const [feed, change] = useReducer(feedReducer, emptyFeed);
  const [link, setLink] = useState<Link>({ state: "connecting" });
  const tell = useEffectEvent((events: readonly FeedEvent[]) => {
    change({ type: "told", events });
    listeners.onEvents(events);
  });
  const back = useEffectEvent(() => {
    listeners.onBack();
  });
  useEffect(() => {
    let gathered: FeedEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const connection = new FeedConnection({
      open: () => new WebSocket(feedUrl(location)),
      onLink: (now) => {
        setLink(now);
        // The first time too: what was loaded before may lack what happened until now.
        if (now.state === "live") back();
      },
      onEvent: (event) => {
        gathered.push(event);
        timer ??= setTimeout(() => {
          timer = undefined;
          tell(gathered);
          gathered = [];
        }, GATHER_MS);
      },
    });
    const hurry = () => {
      if (document.visibilityState === "visible") connection.hurry();
    };
    addEventListener("online", hurry);
    document.addEventListener("visibilitychange", hurry);
    return () => {
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", hurry);
      clearTimeout(timer);
      connection.close();
    };
  }, []);
  return { feed, link, change };
}

function feedUrl({ protocol, host }: Location): string {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws`;
}

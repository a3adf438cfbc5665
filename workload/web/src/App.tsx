import { useEffect, useState } from "react";
import { AccountPage } from "./account/AccountPage";
import { createApi } from "./api/client";
import { userIdIn, withUserId } from "./userId";

const api = createApi(fetch.bind(globalThis));

/** Whose cards are shown stands in the address, so that it can be kept and sent to others. */
export function App() {
  const [userId, setUserId] = useState(() => userIdIn(location.search));
  useEffect(() => {
    const follow = () => {
      setUserId(userIdIn(location.search));
    };
    addEventListener("popstate", follow);
    return () => {
      removeEventListener("popstate", follow);
    };
  }, []);
  useEffect(() => {
    document.title = `Drops · user ${userId}`;
  }, [userId]);
  const choose = (chosen: string) => {
    if (chosen === userId) return;
    history.pushState(null, "", withUserId(location.href, chosen));
    setUserId(chosen);
  };
  // The key throws everything of one user away when another is chosen.
  return <AccountPage key={userId} api={api} userId={userId} onUser={choose} />;
}

import type { Link } from "../feed/connection";
import { useSecondsUntil } from "../useSeconds";

/** Says whether the page hears of what happens; never "live" when it does not. */
export function LinkStatus({ link }: { readonly link: Link }) {
  return (
    <p className="link" data-state={link.state}>
      <span className="link-dot" aria-hidden="true" />
      <span role="status">
        {link.state === "live"
          ? "Live"
          : link.state === "connecting"
            ? "Connecting…"
            : "Reconnecting…"}
      </span>
      {link.state === "reconnecting" && <Countdown at={link.at} />}
    </p>
  );
}

/** Out of the spoken text, which would be read out anew every second. */
function Countdown({ at }: { readonly at: number }) {
  const seconds = useSecondsUntil(at);
  return seconds > 1 ? <span aria-hidden="true">in {seconds} s</span> : null;
}

import { readable, reference } from "../actions/words";
import type { Action, ActionRunner, Phase } from "../actions/runner";
import type { What } from "../account/useActions";
import type { Failure } from "../api/failure";
import { useSecondsUntil } from "../useSeconds";

interface Props {
  readonly actions: readonly Action<What>[];
  readonly runner: ActionRunner<What> | undefined;
  /** Why the cards could not be read just now. */
  readonly trouble: Failure | undefined;
}

/** What stands in the way, in plain words, and what the visitor can do about it. */
export function Notices({ actions, runner, trouble }: Props) {
  return (
    <div className="notices">
      {actions.map(({ key, what, phase }) => {
        const failure = phase.name === "sending" ? phase.after : phase.failure;
        const shown = failure && { id: key, what, phase, failure, runner };
        return shown && <Notice key={key} {...shown} />;
      })}
      {trouble && (
        <div className="notice" data-kind="reading" role="alert">
          <p>
            <strong>The cards shown may be out of date.</strong> {readable(trouble)}
            {trouble.passing && " Trying again…"}
          </p>
        </div>
      )}
    </div>
  );
}

interface NoticeProps {
  readonly id: string;
  readonly what: What;
  readonly phase: Phase;
  readonly failure: Failure;
  readonly runner: ActionRunner<What> | undefined;
}

function Notice({ id, what, phase, failure, runner }: NoticeProps) {
  const failed = phase.name === "failed";
  const quote = failed ? reference(failure) : undefined;
  return (
    <div className="notice" data-kind={failed ? "failed" : "waiting"}>
      <p role="alert">
        <strong>{titleOf(what, failed)}</strong> {readable(failure)}
      </p>
      {!failed && <Countdown at={phase.name === "waiting" ? phase.at : 0} />}
      {quote !== undefined && <p className="notice-quote">Reference: {quote}</p>}
      <p className="notice-buttons">
        {!failed && (
          <button type="button" className="quiet" onClick={() => runner?.hurry(id)}>
            Try now
          </button>
        )}
        {failed && failure.passing && (
          <button type="button" className="quiet" onClick={() => runner?.again(id)}>
            Try again
          </button>
        )}
        <button type="button" className="quiet" onClick={() => runner?.stop(id)}>
          {failed ? "Dismiss" : "Stop trying"}
        </button>
      </p>
    </div>
  );
}

/** Beside the spoken text, which would be read out anew every second. */
function Countdown({ at }: { readonly at: number }) {
  const seconds = useSecondsUntil(at);
  return (
    <p aria-hidden="true" className="notice-countdown">
      {seconds > 0 ? `Trying again in ${String(seconds)} s` : "Trying again…"}
    </p>
  );
}

function titleOf(what: What, failed: boolean): string {
  const title = what.kind === "drop" ? "The drop is not open" : `${what.card.name} is not refunded`;
  return `${title}${failed ? "" : " yet"}.`;
}

import { type SubmitEvent, useId, useState } from "react";
import { isUserId } from "../userId";

interface Props {
  readonly userId: string;
  readonly onUser: (userId: string) => void;
}

export function UserForm({ userId, onUser }: Props) {
  const [text, setText] = useState(userId);
  const [wrong, setWrong] = useState(false);
  const field = useId();
  const hint = useId();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const chosen = text.trim();
    setWrong(!isUserId(chosen));
    if (isUserId(chosen)) onUser(chosen);
  };
  return (
    <form className="user" onSubmit={submit} noValidate>
      <label htmlFor={field}>User</label>
      <input
        id={field}
        inputMode="numeric"
        autoComplete="off"
        size={6}
        value={text}
        aria-invalid={wrong}
        aria-describedby={wrong ? hint : undefined}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <button type="submit" className="quiet">
        Show
      </button>
      {wrong && (
        <p id={hint} className="user-hint" role="alert">
          A user is a positive whole number.
        </p>
      )}
    </form>
  );
}

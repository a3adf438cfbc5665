import { useState } from "react";
import { type Pack, packs } from "../api/types";

interface Props {
  readonly busy: boolean;
  readonly onOpen: (pack: Pack) => void;
}

export function OpenDrop({ busy, onOpen }: Props) {
  const [pack, setPack] = useState<Pack>("standard");
  return (
    <form
      className="open"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onOpen(pack);
      }}
    >
      <fieldset className="packs">
        <legend className="unseen">Kind of drop</legend>
        {(Object.keys(packs) as Pack[]).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="pack"
              value={each}
              checked={pack === each}
              onChange={() => {
                setPack(each);
              }}
            />
            <span className="pack-name">{each}</span>
            <span className="pack-size">{packs[each]} cards</span>
          </label>
        ))}
      </fieldset>
      {/* Not `disabled`, which would take the focus away from who just pressed it. */}
      <button type="submit" className="primary" aria-disabled={busy}>
        {busy ? "Opening…" : "Open a drop"}
      </button>
    </form>
  );
}

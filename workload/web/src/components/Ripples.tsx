import { rank } from "../format";

const WIDTH = 160;
const HEIGHT = 96;

/** A card's picture: what its name looks like when it falls into water; the rarer, the more rings. */
export function Ripples({ name, rarity }: { readonly name: string; readonly rarity: string }) {
  const seed = hash(name);
  const x = 36 + (seed % 88);
  const y = 30 + ((seed >>> 8) % 36);
  const step = 11 + ((seed >>> 16) % 5);
  const rings = rank(rarity) + 2;
  return (
    <svg
      className="ripples"
      viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      {Array.from({ length: rings }, (_, index) => (
        <circle
          key={index}
          cx={x}
          cy={y}
          r={step * (index + 1)}
          strokeOpacity={0.9 - (index * 0.65) / rings}
        />
      ))}
      <circle className="ripples-drop" cx={x} cy={y} r={4.5} />
    </svg>
  );
}

/** FNV-1a: the same picture for the same name, in every browser. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (const char of text) {
    value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  }
  return value;
}

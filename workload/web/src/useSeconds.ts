import { useEffect, useState } from "react";

/** Whole seconds until a moment, counted down; never less than zero. */
export function useSecondsUntil(at: number): number {
  const left = () => Math.max(0, Math.ceil((at - Date.now()) / 1_000));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    const timer = setInterval(() => {
      setSeconds(left());
    }, 250);
    return () => {
      clearInterval(timer);
    };
  }, [at]);
  return seconds;
}

/** Answers that are being fetched: who wants the same waits for the first. */
export class Fills {
  private readonly running = new Map<string, Promise<void>>();

  /** What is being fetched for a key already; it resolves when it is clear whether it is kept. */
  waiting(key: string): Promise<void> | undefined {
    return this.running.get(key);
  }

  /**
   * Fetches for a key.
   *
   * @param fetch Calls `onDecided` as soon as it is clear whether the answer is kept.
   */
  async run(key: string, fetch: (onDecided: () => void) => Promise<void>): Promise<void> {
    let release!: () => void;
    const fill = new Promise<void>((resolve) => (release = resolve));
    this.running.set(key, fill);
    const onDecided = () => {
      // Another one may have begun since.
      if (this.running.get(key) === fill) this.running.delete(key);
      release();
    };
    try {
      await fetch(onDecided);
    } finally {
      onDecided();
    }
  }
}

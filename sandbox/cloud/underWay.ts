/** Work that goes on whether or not whoever asked for it is still there. */
export class UnderWay {
  private readonly works = new Set<Promise<unknown>>();

  async run<T>(work: Promise<T>): Promise<T> {
    this.works.add(work);
    try {
      return await work;
    } finally {
      this.works.delete(work);
    }
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    while (this.works.size > 0) await Promise.allSettled(this.works);
  }
}

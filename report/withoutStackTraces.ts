/**
 * Two thirds of a composition are stack traces: the SDK takes one for each of its promises. The ones
 * of errors go too, which name what is wrong in words.
 */
export async function withoutStackTraces<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The user asked for the command's end, as with Ctrl-C, while an engine ran; it has ended by now. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor(readonly signal: NodeJS.Signals) {
    super("interrupted: the next command goes on from here");
  }
}

/** A verb of `drops-host` that did not touch the host: status 2. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** A verb that attempted something which went wrong: status 1. */
export class Failed extends Error {
  override readonly name = "Failed";
}

/** What a verb prints while it works, collected as SSH would carry it. */
export class Output {
  stdout = "";
  stderr = "";

  say(line: string): void {
    this.stdout += `${line}\n`;
  }

  complain(line: string): void {
    this.stderr += `${line}\n`;
  }
}

/** Thrown where a migration stops for a reason that a person has to mend. */
export class Refused extends Error {
  override readonly name = "Refused";
}

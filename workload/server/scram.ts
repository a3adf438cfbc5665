import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

/** As Postgres itself has it by default. */
const ITERATIONS = 4_096;

/** What Postgres keeps of a password (RFC 5803, SCRAM-SHA-256). The password cannot be had from it. */
export async function scramVerifier(password: string): Promise<string> {
  const salt = randomBytes(16);
  const salted = await promisify(pbkdf2)(
    password.normalize("NFKC"),
    salt,
    ITERATIONS,
    32,
    "sha256",
  );
  const keyed = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const server = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${stored}:${server}`;
}

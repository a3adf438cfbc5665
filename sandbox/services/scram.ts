import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

const ITERATIONS = 4_096;

/**
 * What Postgres stores of a password, RFC 5803. Given instead of the password, neither the server's
 * log nor its statistics of statements can ever show it.
 */
export async function scramVerifier(password: string, salt = randomBytes(16)): Promise<string> {
  // For letters beyond ASCII this is what SASLprep comes to.
  const normal = password.normalize("NFKC");
  const salted = await promisify(pbkdf2)(normal, salt, ITERATIONS, 32, "sha256");
  const keyed = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(keyed("Client Key")).digest("base64");
  const server = keyed("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${stored}:${server}`;
}

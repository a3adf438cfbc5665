/**
 * The policy of a role that a service of AWS takes on, e.g. `backup.amazonaws.com`. It names no
 * account: a service takes a role only from somebody who may pass it, and a role cannot be passed to
 * another account.
 */
export function trustPolicy(service: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
}

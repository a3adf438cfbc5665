/*
 * Values that a fix proposes because nobody here can know the true one. Each passes its key's check, so
 * that one run shows what else is wrong, and `placeholders.ts` keeps it from being deployed.
 */

/** A zone of nobody. */
export const exampleZoneId = "0".repeat(32);
/** CloudFront's list of a region that was not found. */
export const examplePrefixList = "pl-0123abcd";
export const exampleSlackTeam = "T0123ABCDEF";
export const exampleSlackChannel = "C0123ABCDEF";

/** An account that AWS's documentation uses. */
const exampleAccount = "123456789012";

/** ARN of a certificate in a region. */
export function exampleCertificate(region: string): string {
  return `arn:aws:acm:${region}:${exampleAccount}:certificate/12345678-1234-1234-1234-123456789012`;
}

/** Whether a text is one of the above. */
export function isFixExample(text: string): boolean {
  return (
    text === exampleZoneId ||
    text === examplePrefixList ||
    text === exampleSlackTeam ||
    text === exampleSlackChannel ||
    (text.startsWith("arn:aws:") && text.split(":")[4] === exampleAccount)
  );
}

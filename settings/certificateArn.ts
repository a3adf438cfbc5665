/** ARN of a certificate of ACM; its first group is the region. */
export const certificateArnPattern = /^arn:aws:acm:([a-z0-9-]+):\d{12}:certificate\/[\w-]+$/;
export const certificateArnWords = "arn:aws:acm:REGION:ACCOUNT:certificate/ID";

/**
 * What actions of policies begin with, for services that a stack like these may have to do with: a
 * prefix that is none of these is refused, so that a slip of the pen is seen. AWS itself takes any.
 */
export const servicePrefixes: ReadonlySet<string> = new Set([
  ...["acm", "application-autoscaling", "autoscaling", "backup", "backup-storage", "budgets"],
  ...["ce", "chatbot", "cloudfront", "cloudtrail", "cloudwatch", "dynamodb", "ec2", "ecr", "ecs"],
  ...["ec2messages", "elasticache", "elasticfilesystem", "elasticloadbalancing", "events", "iam"],
  ...["kms", "lambda", "logs", "organizations", "pi", "rds", "rds-data", "rds-db", "route53"],
  ...["route53domains", "s3", "s3express", "scheduler", "secretsmanager", "servicediscovery"],
  ...["servicequotas", "sns", "sqs", "ssm", "ssmmessages", "states", "sts", "synthetics", "tag"],
  ...["waf", "wafv2", "xray", "firehose", "kinesis", "shield"],
]);

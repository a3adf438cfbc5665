/** Types that others of the edge name. */
export const distributionType = "aws:cloudfront/distribution:Distribution";
export const vpcOriginType = "aws:cloudfront/vpcOrigin:VpcOrigin";
export const webAclType = "aws:wafv2/webAcl:WebAcl";
export const ipSetType = "aws:wafv2/ipSet:IpSet";

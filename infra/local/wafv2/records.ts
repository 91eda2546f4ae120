/** Web ACLs as the template describes them. */

export type Statement =
  /** Countries are told by an address's place: a loopback address has none, and matches no country. */
  | { readonly kind: 'countries'; readonly codes: readonly string[] }
  | { readonly kind: 'not'; readonly statement: Statement }
  /** Matches an address that sent more than `limit` requests in the window. */
  | { readonly kind: 'rate'; readonly limit: number; readonly windowMs: number }
  /** Bot control: what AWS's rules tell is not known here, so nothing matches. */
  | { readonly kind: 'bots' };

export interface RuleRecord {
  readonly name: string;
  readonly priority: number;
  readonly statement: Statement;
  readonly action: 'allow' | 'block' | 'count';
  readonly metricName?: string;
}

export interface WebAclRecord {
  readonly name: string;
  readonly arn: string;
  readonly defaultAction: 'allow' | 'block';
  /** By priority. */
  readonly rules: readonly RuleRecord[];
  readonly metricName?: string;
}

/** By the resource's ARN. */
export interface AssociationRecord {
  readonly webAclArn: string;
}

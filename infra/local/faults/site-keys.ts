import type { CallSite, DeliverySite, JobSite, ReadSite } from '../contracts.ts';

/**
 * Names of the places where something may go wrong. They hold no id of a run, so that the same place has the same name
 * under every seed.
 */

/** Calls of one operation beyond the third of an invocation are one place: loops over pages, files and days. */
const LAST_OCCURRENCE = 3;

/** `millrace-local-train-rill` → `train-rill`; the inference functions of all models run one code: `infer`. */
export const shortName = (name: string): string =>
  name.replace(/^millrace-[a-z0-9]+-/, '').replace(/^infer-.+$/, 'infer');

/** What CloudFormation and the CDK add: a hash (cut short in long names, lower-case in buckets) and a random end. */
const GENERATED_END = /(?:[0-9A-F]{4,8}-[0-9A-Za-z]{10,12}|[0-9a-f]{8}-[0-9a-z]{12}|[0-9A-F]{8})$/;

/** A physical name without its stack and its generated end: `Millrace-local-data-AlarmTopicD01E77F9-x1` → `AlarmTopic`. */
const physicalName = (name: string): string =>
  shortName(name.replace(/^(?:Millrace-[a-z0-9]+-[a-z]+-?|millrace-[a-z0-9]+-data-)/, '').replace(GENERATED_END, ''));

/** What an ARN names, with its service: `states:canary-rollout`. */
const targetName = (arn: string): string => {
  // A mail's or a web hook's address.
  if (!arn.startsWith('arn:')) return arn.includes('@') ? 'email' : 'url';
  const [, , service = '', , , ...resource] = arn.split(':');
  const name = resource.filter((part) => !['function', 'stateMachine', 'live'].includes(part)).join(':');
  return `${service}:${physicalName(name)}`;
};

/**
 * `shift-traffic lambda:UpdateAlias #1`: the first call of this operation in an invocation of that function.
 * @param occurrence from 1, within the invocation; tries of one call count as one.
 */
export const callKey = ({ caller, service, operation }: CallSite, occurrence: number): string =>
  `${physicalName(caller)} ${service}:${operation} #${Math.min(occurrence, LAST_OCCURRENCE)}`;

export const deliveryKey = ({ service, source, targetArn }: DeliverySite): string =>
  `${service} ${physicalName(source.split(/[/:]/).at(-1) ?? '')} > ${targetName(targetArn)}`;

export const jobKey = ({ service }: JobSite): string => `${service} job`;

export const readKey = ({ table, index }: ReadSite): string => `${physicalName(table)}${index ? ` ${index}` : ''}`;

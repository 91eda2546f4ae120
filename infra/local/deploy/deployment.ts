import { createHash } from 'node:crypto';
import {
  AwsError,
  type CloudIdentity,
  type CloudPorts,
  type ResourceContext,
  type ResourceProvider,
} from '../contracts.ts';
import { generatedName } from './physical-names.ts';
import type {
  RetainedResource,
  StackEvent,
  StackRecord,
  StackState,
  StackStatus,
  StandingResource,
} from './stack-state.ts';

/** What a deployment of any kind works with. */
export interface DeployerOptions {
  readonly identity: CloudIdentity;
  readonly state: StackState;
  readonly providerFor: (type: string) => ResourceProvider | undefined;
  readonly nowMs: () => number;
  readonly log: CloudPorts['log'];
}

export const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Fixed for the life of the stack: a stack that was deleted and made again has another. */
export const stackIdOf = ({ identity }: DeployerOptions, stackName: string, createdAtMs: number): string => {
  const hex = createHash('sha256').update(`${stackName}/${createdAtMs}`).digest('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  return `arn:${identity.partition}:cloudformation:${identity.region}:${identity.accountId}:stack/${stackName}/${uuid}`;
};

export const providerOf = (
  { providerFor }: Pick<DeployerOptions, 'providerFor'>,
  place: string,
  type: string,
): ResourceProvider => {
  const provider = providerFor(type);
  if (provider) return provider;
  throw new AwsError('UnsupportedResource', `${place}: resource type ${type} is not supported by the embedded cloud`);
};

export const contextOf = (
  stackName: string,
  logicalId: string,
  { properties, generation }: Pick<StandingResource, 'properties' | 'generation'>,
): ResourceContext => ({
  stackName,
  logicalId,
  properties,
  generatedName: generatedName(stackName, logicalId, generation),
});

/** Deletes a physical resource. */
export const destroy = async (
  options: DeployerOptions,
  stackName: string,
  logicalId: string,
  resource: StandingResource,
): Promise<void> => {
  const provider = providerOf(options, `${stackName}/${logicalId}`, resource.type);
  await provider.delete({ ...contextOf(stackName, logicalId, resource), physicalId: resource.physicalId });
};

export const isKept = (policy: string | undefined): boolean => policy?.startsWith('Retain') ?? false;

/** Leaves a physical resource behind: it stands, and no stack has it. */
export const retain = (
  { state, nowMs }: DeployerOptions,
  stackName: string,
  logicalId: string,
  resource: StandingResource,
): RetainedResource => {
  const retained: RetainedResource = { ...resource, stackName, logicalId, retainedAtMs: nowMs() };
  state.putRetained(retained);
  return retained;
};

export const tellOf = (
  { state, nowMs }: DeployerOptions,
  stackName: string,
  event: Pick<StackEvent, 'logicalId' | 'type' | 'status'> & { readonly physicalId?: string; readonly reason?: string },
): number => state.addEvent(stackName, { physicalId: '', ...event, atMs: nowMs() });

/** Moves the stack to a status and tells of it. */
export const setStatus = (
  options: DeployerOptions,
  record: StackRecord,
  status: StackStatus,
  statusReason?: string,
): StackRecord => {
  const { statusReason: _, ...rest } = record;
  const next: StackRecord = { ...rest, status, ...(statusReason === undefined ? {} : { statusReason }) };
  options.state.putStack(next);
  tellOf(options, record.stackName, {
    logicalId: record.stackName,
    physicalId: record.stackId,
    type: STACK_TYPE,
    status,
    ...(statusReason === undefined ? {} : { reason: statusReason }),
  });
  return next;
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

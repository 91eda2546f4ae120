import { AwsError, type CloudPorts, type ResourceProvider, type ServiceContext } from '../contracts.ts';
import type { Assembly } from './assembly.ts';
import type { DeployerOptions } from './deployment.ts';
import { importResources, type ResourceMapping } from './import-resources.ts';
import { destroyStack, type StackDeletion } from './stack-deletion.ts';
import { deployStack, type StackChanges } from './stack-deployer.ts';
import { createStackState } from './stack-state.ts';

/** What `cdk deploy`, `cdk destroy` and `cdk import` do, on one cloud. */
export interface Deployer {
  /** Stack → what changed. @throws AwsError of the first stack that failed; those before it stay as they are deployed. */
  deploy(assembly: Assembly): Promise<Readonly<Record<string, StackChanges>>>;
  /** Stack → what is gone and what stays. Without names all stacks, those first that need others. */
  destroy(assembly: Assembly, stackNames?: readonly string[]): Promise<Readonly<Record<string, StackDeletion>>>;
  /** @throws AwsError ValidationError for a stack that the assembly does not have. */
  importResources(assembly: Assembly, stackName: string, mapping: ResourceMapping): readonly string[];
  outputs(): Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const createDeployer = (
  context: Pick<ServiceContext, 'region' | 'accountId' | 'partition' | 'store' | 'clock'>,
  providerFor: (type: string) => ResourceProvider | undefined,
  log: CloudPorts['log'],
): Deployer => {
  const { region, accountId, partition } = context;
  const state = createStackState(context.store);
  const nowMs = context.clock.nowMs.bind(context.clock);
  const options: DeployerOptions = { identity: { region, accountId, partition }, state, providerFor, nowMs, log };
  return {
    deploy: async ({ stacks }) => {
      const changes: Record<string, StackChanges> = {};
      for (const stack of stacks) changes[stack.stackName] = await deployStack(options, stack);
      return changes;
    },
    destroy: async ({ stacks }, stackNames) => {
      const deletions: Record<string, StackDeletion> = {};
      for (const { stackName } of stacks.toReversed()) {
        if (stackNames?.includes(stackName) === false) continue;
        deletions[stackName] = await destroyStack(options, stackName);
      }
      return deletions;
    },
    importResources: ({ stacks }, stackName, mapping) => {
      const stack = stacks.find((one) => one.stackName === stackName);
      if (stack === undefined) throw new AwsError('ValidationError', `the assembly has no stack ${stackName}`);
      return importResources(options, stack, mapping);
    },
    outputs: state.outputs,
  };
};

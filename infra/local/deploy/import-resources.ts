import { AwsError } from '../contracts.ts';
import type { AssemblyStack } from './assembly.ts';
import { creationOrder } from './creation-order.ts';
import { type DeployerOptions, setStatus, stackIdOf, tellOf } from './deployment.ts';
import type { RetainedResource, StackRecord } from './stack-state.ts';

/** Logical id → physical id of the resource to adopt. */
export type ResourceMapping = Readonly<Record<string, string>>;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

const adoptable = (
  { state }: DeployerOptions,
  { stackName, template }: AssemblyStack,
  [logicalId, physicalId]: readonly [string, string],
): RetainedResource => {
  const wanted = template.resources[logicalId];
  if (wanted === undefined)
    throw invalid(`As part of the import operation, you need ${logicalId} in the template of ${stackName}`);
  if (wanted.DeletionPolicy === undefined) {
    throw invalid(`Resources [${logicalId}] do not have DeletionPolicy attribute, which an import needs`);
  }
  const standing = state
    .allResources()
    .find(({ resource }) => resource.physicalId === physicalId && resource.type === wanted.Type);
  if (standing !== undefined || state.resource(stackName, logicalId) !== undefined) {
    const owner = standing === undefined ? stackName : standing.stackName;
    throw invalid(`Resource ${physicalId} or ${logicalId} is managed already, by stack ${owner}`);
  }
  const found = state
    .retained()
    .find((resource) => resource.physicalId === physicalId && resource.type === wanted.Type);
  if (found !== undefined) return found;
  throw invalid(
    `${wanted.Type} ${physicalId} was not left behind by a stack of this cloud: nothing is known to import it from`,
  );
};

/**
 * `cdk import`: a stack takes over resources that stand without one, such as those that a deleted stack left behind.
 * Nothing of theirs changes; the next deployment brings them to what the template says, in place.
 * @throws AwsError ValidationError before anything is taken over.
 */
export const importResources = (
  options: DeployerOptions,
  stack: AssemblyStack,
  mapping: ResourceMapping,
): readonly string[] => {
  const { state, nowMs } = options;
  const { stackName, template } = stack;
  const found = Object.entries(mapping).map((pair) => [pair[0], adoptable(options, stack, pair)] as const);
  const order = creationOrder(template);
  const standing = state.stack(stackName);
  const record: StackRecord = {
    stackName,
    stackId: stackIdOf(options, stackName, nowMs()),
    createdAtMs: nowMs(),
    terminationProtection: stack.terminationProtection ?? false,
    templateBody: '',
    ...(standing === undefined || standing.status === 'DELETE_COMPLETE' ? {} : standing),
    status: 'IMPORT_IN_PROGRESS',
  };
  const begun = setStatus(options, record, 'IMPORT_IN_PROGRESS');
  for (const [logicalId, retained] of found) {
    const { stackName: _, logicalId: __, retainedAtMs: ___, ...resource } = retained;
    state.putResource(stackName, logicalId, { ...resource, order: order.indexOf(logicalId) });
    state.removeRetained(retained);
    tellOf(options, stackName, {
      logicalId,
      type: resource.type,
      physicalId: resource.physicalId,
      status: 'IMPORT_COMPLETE',
    });
  }
  setStatus(options, begun, 'IMPORT_COMPLETE');
  return found.map(([logicalId]) => logicalId);
};

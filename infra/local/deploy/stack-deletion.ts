import { AwsError } from '../contracts.ts';
import { type DeployerOptions, destroy, isKept, messageOf, retain, setStatus, tellOf } from './deployment.ts';
import type { StandingResource } from './stack-state.ts';

/** What `cdk destroy` did to one stack. */
export interface StackDeletion {
  readonly deleted: readonly string[];
  /** What its policy keeps: it stands, and no stack has it. */
  readonly retained: readonly { readonly logicalId: string; readonly type: string; readonly physicalId: string }[];
}

const requireDeletable = ({ state }: DeployerOptions, stackName: string): void => {
  const record = state.stack(stackName);
  if (record?.terminationProtection === true) {
    throw new AwsError(
      'ValidationError',
      `Stack [${stackName}] cannot be deleted while TerminationProtection is enabled`,
    );
  }
  for (const name of Object.keys(state.outputsOf(stackName).exports)) {
    const users = state.importersOf(name);
    if (users.length === 0) continue;
    throw new AwsError('ValidationError', `Export ${name} cannot be deleted as it is in use by ${users.join(', ')}`);
  }
};

const deleteResource = async (
  options: DeployerOptions,
  stackName: string,
  logicalId: string,
  resource: StandingResource,
): Promise<'deleted' | 'retained'> => {
  const { state } = options;
  const kept = isKept(resource.deletionPolicy);
  if (kept) retain(options, stackName, logicalId, resource);
  else await destroy(options, stackName, logicalId, resource);
  state.removeResource(stackName, logicalId);
  const { physicalId, type } = resource;
  tellOf(options, stackName, { logicalId, physicalId, type, status: kept ? 'DELETE_SKIPPED' : 'DELETE_COMPLETE' });
  return kept ? 'retained' : 'deleted';
};

/**
 * Deletes a stack as CloudFormation does: its resources from the last to the first, but for those whose DeletionPolicy
 * keeps them. Again after a failure or a kill it goes on with what is left.
 * @throws AwsError ValidationError for termination protection and exports in use, StackFailed for a resource that cannot
 * be deleted: the stack is then DELETE_FAILED.
 */
export const destroyStack = async (options: DeployerOptions, stackName: string): Promise<StackDeletion> => {
  const { state } = options;
  const record = state.stack(stackName);
  if (record === undefined || record.status === 'DELETE_COMPLETE') return { deleted: [], retained: [] };
  requireDeletable(options, stackName);
  const begun = setStatus(options, record, 'DELETE_IN_PROGRESS');
  const deleted: string[] = [];
  const retained: StackDeletion['retained'][number][] = [];
  const latestFirst = [...state.resources(stackName)].sort(([, a], [, b]) => b.order - a.order);
  for (const [logicalId, resource] of latestFirst) {
    try {
      const { type, physicalId } = resource;
      if ((await deleteResource(options, stackName, logicalId, resource)) === 'deleted') deleted.push(logicalId);
      else retained.push({ logicalId, type, physicalId });
    } catch (error) {
      const reason = messageOf(error);
      tellOf(options, stackName, { logicalId, type: resource.type, status: 'DELETE_FAILED', reason });
      setStatus(options, begun, 'DELETE_FAILED', `The following resource(s) failed to delete: [${logicalId}]. `);
      throw new AwsError('StackFailed', `${stackName}/${logicalId} (${resource.type}) was not deleted: ${reason}`);
    }
  }
  state.clearJournal(stackName);
  state.removeOutputs(stackName);
  setStatus(options, { ...begun, deletedAtMs: options.nowMs() }, 'DELETE_COMPLETE');
  return { deleted, retained };
};

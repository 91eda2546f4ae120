import { AwsError, type ResourceContext } from '../contracts.ts';
import { applyResource } from './apply-resource.ts';
import type { AssemblyStack } from './assembly.ts';
import { creationOrder } from './creation-order.ts';
import {
  type DeployerOptions,
  destroy,
  isKept,
  messageOf,
  providerOf,
  retain,
  setStatus,
  stackIdOf,
  tellOf,
} from './deployment.ts';
import { resolve, type Scope } from './intrinsics.ts';
import { createNameBook } from './name-book.ts';
import { rollBack } from './roll-back.ts';
import { createStackScope } from './stack-scope.ts';
import type { StackOutputs, StackRecord, StandingResource } from './stack-state.ts';

export interface StackChanges {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
}

interface Deployment {
  readonly options: DeployerOptions;
  readonly stack: AssemblyStack;
  readonly scope: Scope;
  /** Logical ids that the template wants, each after what it depends on. */
  readonly order: readonly string[];
  readonly imports: Set<string>;
  /** What stands, as the deployment goes on: asked at every reference. */
  readonly standing: Map<string, StandingResource>;
  readonly changes: { readonly created: string[]; readonly updated: string[]; readonly deleted: string[] };
}

const prepare = (options: DeployerOptions, stack: AssemblyStack, stackId: string): Deployment => {
  const { stackName, template } = stack;
  const { identity, state } = options;
  const imports = new Set<string>();
  const standing = new Map(state.resources(stackName));
  const scope = createStackScope({
    stackName,
    stackId,
    template,
    identity,
    state,
    standing: (logicalId) => standing.get(logicalId),
    onImport: (name) => imports.add(name),
  });
  const order = creationOrder(template).filter((logicalId) => {
    const condition = template.resources[logicalId]?.Condition;
    return condition === undefined || scope.condition(condition);
  });
  // Before anything changes.
  for (const logicalId of order)
    providerOf(options, `${stackName}/${logicalId}`, template.resources[logicalId]?.Type ?? '');
  return { options, stack, scope, order, imports, standing, changes: { created: [], updated: [], deleted: [] } };
};

const GONE = new Set(['DELETE_COMPLETE', 'ROLLBACK_COMPLETE']);

/** A stack of this state as the deployment finds it; a first deployment that was taken back left nothing to update. */
const recordOf = (
  options: DeployerOptions,
  stack: AssemblyStack,
): { readonly record: StackRecord; readonly isNew: boolean } => {
  const { stackName, description, terminationProtection = false, templateBody = '' } = stack;
  const standing = options.state.stack(stackName);
  // A state from before stacks were recorded has the resources alone.
  const isOlder = standing === undefined && options.state.resources(stackName).size > 0;
  const isNew =
    !isOlder && (standing === undefined || GONE.has(standing.status) || standing.status === 'CREATE_IN_PROGRESS');
  const createdAtMs = standing !== undefined && !GONE.has(standing.status) ? standing.createdAtMs : options.nowMs();
  const record: StackRecord = {
    stackName,
    stackId: stackIdOf(options, stackName, createdAtMs),
    status: standing?.status ?? 'CREATE_IN_PROGRESS',
    createdAtMs,
    ...(isNew ? {} : { updatedAtMs: options.nowMs() }),
    terminationProtection,
    ...(description === undefined ? {} : { description }),
    templateBody,
  };
  return { record, isNew };
};

/** @throws AwsError when another stack holds on to an export that would change, or has one of the same name. */
const requireExports = (
  { options: { state }, stack: { stackName } }: Deployment,
  next: StackOutputs['exports'],
): void => {
  for (const [name, value] of Object.entries(state.outputsOf(stackName).exports)) {
    const users = state.importersOf(name);
    if (next[name] === value || users.length === 0) continue;
    const what = next[name] === undefined ? 'deleted' : 'updated';
    throw new AwsError('ValidationError', `Export ${name} cannot be ${what} as it is in use by ${users.join(', ')}`);
  }
  for (const { name, stackName: owner } of state.exports()) {
    if (owner === stackName || !Object.hasOwn(next, name)) continue;
    throw new AwsError('ValidationError', `Export with name ${name} is already exported by stack ${owner}.`);
  }
};

const publishOutputs = (deployment: Deployment): void => {
  const { options, stack, scope, imports } = deployment;
  const outputs: Record<string, string> = {};
  const exports: Record<string, string> = {};
  for (const [key, output] of Object.entries(stack.template.outputs)) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    outputs[key] = String(resolve(output.Value, scope));
    if (output.Export) exports[String(resolve(output.Export.Name, scope))] = outputs[key];
  }
  requireExports(deployment, exports);
  options.state.putOutputs(stack.stackName, { outputs, exports, imports: [...imports].toSorted() });
};

/** What could not be deleted is left to the account, as CloudFormation does after its attempts. */
const cleanUp = async (
  { options, stack: { stackName } }: Pick<Deployment, 'options' | 'stack'>,
  logicalId: string,
  resource: StandingResource,
  policy: string | undefined,
): Promise<void> => {
  const tell = (status: string, reason?: string): number =>
    tellOf(options, stackName, {
      logicalId,
      physicalId: resource.physicalId,
      type: resource.type,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
  if (isKept(policy)) {
    retain(options, stackName, logicalId, resource);
    tell('DELETE_SKIPPED');
    return;
  }
  try {
    await destroy(options, stackName, logicalId, resource);
    tell('DELETE_COMPLETE');
  } catch (error) {
    retain(options, stackName, logicalId, resource);
    tell('DELETE_FAILED', messageOf(error));
    options.log({ level: 'warn', message: `${stackName}/${logicalId} was not deleted`, reason: messageOf(error) });
  }
};

/** Deletes what replacements left behind and what the template no longer has. */
const deleteOld = async (deployment: Deployment): Promise<void> => {
  const { options, stack, order, changes } = deployment;
  const { state } = options;
  for (const { logicalId, before, replaces } of state.journal(stack.stackName).toReversed()) {
    if (replaces && before !== undefined) await cleanUp(deployment, logicalId, before, before.updateReplacePolicy);
  }
  // From here on there is nothing to go back to.
  state.clearJournal(stack.stackName);
  const wanted = new Set(order);
  const removed = [...deployment.standing].filter(([logicalId]) => !wanted.has(logicalId));
  for (const [logicalId, resource] of removed.sort(([, a], [, b]) => b.order - a.order)) {
    await cleanUp(deployment, logicalId, resource, resource.deletionPolicy);
    state.removeResource(stack.stackName, logicalId);
    changes.deleted.push(logicalId);
  }
};

const takeBack = async (
  options: DeployerOptions,
  record: StackRecord,
  isNew: boolean,
  why: string,
): Promise<readonly string[]> => {
  const inProgress = setStatus(options, record, isNew ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS', why);
  const { undone, stuck } = await rollBack(options, record.stackName);
  if (stuck.length > 0) {
    setStatus(options, inProgress, isNew ? 'ROLLBACK_FAILED' : 'UPDATE_ROLLBACK_FAILED', why);
    return undone;
  }
  options.state.clearJournal(record.stackName);
  setStatus(options, inProgress, isNew ? 'ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE');
  return undone;
};

const failed = (
  { stack: { stackName, template } }: Deployment,
  at: string,
  reason: unknown,
  undone: readonly string[],
): AwsError => {
  const rolledBack = undone.length === 0 ? 'nothing had to be rolled back' : `rolled back: ${undone.join(', ')}`;
  const type = template.resources[at]?.Type ?? 'outputs';
  return Object.assign(
    new AwsError('StackFailed', `${stackName}/${at} (${type}) failed: ${messageOf(reason)}; ${rolledBack}`, 400),
    { cause: reason },
  );
};

const applyAll = async (deployment: Deployment, onStep: (logicalId: string) => void): Promise<void> => {
  const { options, stack, scope, order, standing, changes } = deployment;
  const names = createNameBook(options.state);
  for (const [index, logicalId] of order.entries()) {
    onStep(logicalId);
    const resource = stack.template.resources[logicalId];
    if (resource === undefined) continue;
    const properties = resolve(resource.Properties ?? {}, scope) as ResourceContext['properties'];
    const step = { stackName: stack.stackName, logicalId, resource, properties, order: index, names };
    const { outcome, resource: next } = await applyResource(options, step, standing.get(logicalId));
    standing.set(logicalId, next);
    if (outcome !== 'unchanged') changes[outcome].push(logicalId);
  }
};

const ROLLING_BACK = new Set([
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_FAILED',
]);

/** Ends a rollback that was killed, or that could not be completed then. @throws AwsError when it still cannot. */
const endRollBack = async (options: DeployerOptions, stackName: string): Promise<void> => {
  const record = options.state.stack(stackName);
  if (record === undefined || !ROLLING_BACK.has(record.status)) return;
  const isNew = record.status.startsWith('ROLLBACK');
  await takeBack(options, record, isNew, record.statusReason ?? '');
  const { status = '' } = options.state.stack(stackName) ?? {};
  if (!ROLLING_BACK.has(status)) return;
  throw new AwsError('ValidationError', `Stack:${record.stackId} is in ${status} state and can not be updated.`);
};

/**
 * Brings one stack to what its template says, as CloudFormation does: creates, updates in place, replaces what cannot
 * change in place, publishes the outputs, then deletes what was replaced or is gone, unless a policy keeps it. A failure
 * returns everything to how it stood and names the resource. A deployment that was killed goes on when it is asked for
 * again; so does a rollback.
 * @throws AwsError UnsupportedResource before anything changed, StackFailed after taking the changes back.
 */
export const deployStack = async (options: DeployerOptions, stack: AssemblyStack): Promise<StackChanges> => {
  await endRollBack(options, stack.stackName);
  const { record, isNew } = recordOf(options, stack);
  const deployment = prepare(options, stack, record.stackId);
  const begin = (): StackRecord => setStatus(options, record, isNew ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS');
  // An update that changes nothing is none: CloudFormation answers "No updates are to be performed".
  const begun = isNew || mayChange(deployment, record) ? begin() : undefined;
  let current = '';
  try {
    await applyAll(deployment, (logicalId) => {
      current = logicalId;
    });
    current = 'Outputs';
    publishOutputs(deployment);
  } catch (error) {
    const undone = await takeBack(options, begun ?? record, isNew, messageOf(error));
    throw failed(deployment, current, error, undone);
  }
  const { created, updated } = deployment.changes;
  if (begun === undefined && created.length + updated.length === 0) return deployment.changes;
  const standing = isNew ? record : setStatus(options, begun ?? record, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  await deleteOld(deployment);
  setStatus(options, standing, isNew ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE');
  return deployment.changes;
};

/** Whether the template differs from the one that stands, or an earlier deployment of it did not end. */
const mayChange = ({ options, stack }: Deployment, record: StackRecord): boolean => {
  const standing = options.state.stack(stack.stackName);
  const settled = standing?.status === 'CREATE_COMPLETE' || standing?.status === 'UPDATE_COMPLETE';
  return !settled || standing.templateBody !== record.templateBody || record.templateBody === '';
};

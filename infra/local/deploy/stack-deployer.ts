import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  AwsError,
  type CloudIdentity,
  type CloudPorts,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
} from '../contracts.ts';
import type { AssemblyStack } from './assembly.ts';
import { creationOrder } from './creation-order.ts';
import { resolve, type Scope } from './intrinsics.ts';
import { createStackScope } from './stack-scope.ts';
import type { StackState, StandingResource } from './stack-state.ts';
import type { Template, TemplateResource } from './template.ts';

export interface DeployerOptions {
  readonly identity: CloudIdentity;
  readonly state: StackState;
  readonly providerFor: (type: string) => ResourceProvider | undefined;
  readonly log: CloudPorts['log'];
}

export interface StackChanges {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
}

/** A change that was made and how to take it back. */
interface Undo {
  readonly logicalId: string;
  readonly run: () => Promise<void>;
}

interface Deployment extends DeployerOptions {
  readonly stackName: string;
  readonly template: Template;
  readonly scope: Scope;
  readonly standing: Map<string, StandingResource>;
  readonly undo: Undo[];
  /** Old physical resources that a replacement left behind, deleted when everything stands. */
  readonly leftBehind: { readonly logicalId: string; readonly resource: StandingResource }[];
  readonly changes: { readonly created: string[]; readonly updated: string[]; readonly deleted: string[] };
}

const SHORT_NAME = 24;
const SUFFIX = 12;

/** CloudFormation's own scheme, within the 64 characters that the shortest name allows; stable over restarts. */
const generatedName = (stackName: string, logicalId: string): string => {
  const digest = createHash('sha256').update(`${stackName}/${logicalId}`).digest('base64');
  const suffix = digest.replace(/[^A-Za-z0-9]/g, '').slice(0, SUFFIX);
  return `${stackName.slice(0, SHORT_NAME)}-${logicalId.slice(0, SHORT_NAME)}-${suffix}`;
};

const providerOf = (
  { providerFor, stackName }: Pick<Deployment, 'providerFor' | 'stackName'>,
  logicalId: string,
  type: string,
): ResourceProvider => {
  const provider = providerFor(type);
  if (provider) return provider;
  throw new AwsError(
    'UnsupportedResource',
    `${stackName}/${logicalId}: resource type ${type} is not supported by the embedded cloud`,
  );
};

const contextOf = (
  { stackName }: Deployment,
  logicalId: string,
  properties: ResourceContext['properties'],
): ResourceContext => ({
  stackName,
  logicalId,
  properties,
  generatedName: generatedName(stackName, logicalId),
});

const put = (deployment: Deployment, logicalId: string, resource: StandingResource): void => {
  deployment.state.putResource(deployment.stackName, logicalId, resource);
  deployment.standing.set(logicalId, resource);
};

const remove = (deployment: Deployment, logicalId: string): void => {
  deployment.state.removeResource(deployment.stackName, logicalId);
  deployment.standing.delete(logicalId);
};

const destroy = async (deployment: Deployment, logicalId: string, resource: StandingResource): Promise<void> => {
  const context = contextOf(deployment, logicalId, resource.properties);
  await providerOf(deployment, logicalId, resource.type).delete({ ...context, physicalId: resource.physicalId });
};

const describe = (
  resource: TemplateResource,
  properties: ResourceContext['properties'],
  order: number,
  provisioned: ProvisionedResource,
): StandingResource => ({
  type: resource.Type,
  physicalId: provisioned.physicalId,
  attributes: provisioned.attributes,
  properties,
  order,
  ...(resource.DeletionPolicy === undefined ? {} : { deletionPolicy: resource.DeletionPolicy }),
  ...(resource.UpdateReplacePolicy === undefined ? {} : { updateReplacePolicy: resource.UpdateReplacePolicy }),
});

interface Step {
  readonly logicalId: string;
  readonly resource: TemplateResource;
  readonly properties: ResourceContext['properties'];
  readonly order: number;
}

const create = async (deployment: Deployment, { logicalId, resource, properties, order }: Step): Promise<void> => {
  const context = contextOf(deployment, logicalId, properties);
  const provisioned = await providerOf(deployment, logicalId, resource.Type).create(context);
  const standing = describe(resource, properties, order, provisioned);
  put(deployment, logicalId, standing);
  deployment.changes.created.push(logicalId);
  deployment.undo.push({
    logicalId,
    run: async () => {
      await destroy(deployment, logicalId, standing);
      remove(deployment, logicalId);
    },
  });
};

const update = async (deployment: Deployment, step: Step, previous: StandingResource): Promise<void> => {
  const { logicalId, resource, properties, order } = step;
  const provider = providerOf(deployment, logicalId, resource.Type);
  const context = contextOf(deployment, logicalId, properties);
  const provisioned = await provider.update({
    ...context,
    physicalId: previous.physicalId,
    previousProperties: previous.properties,
  });
  const replaced = provisioned.physicalId !== previous.physicalId;
  put(deployment, logicalId, describe(resource, properties, order, provisioned));
  deployment.changes.updated.push(logicalId);
  if (replaced) deployment.leftBehind.push({ logicalId, resource: previous });
  deployment.undo.push({
    logicalId,
    run: async () => {
      const restored = await provider.update({
        ...contextOf(deployment, logicalId, previous.properties),
        physicalId: provisioned.physicalId,
        previousProperties: properties,
      });
      put(deployment, logicalId, { ...previous, physicalId: restored.physicalId, attributes: restored.attributes });
    },
  });
};

const apply = async (deployment: Deployment, logicalId: string, order: number): Promise<void> => {
  const resource = deployment.template.resources[logicalId];
  if (resource === undefined) return;
  const properties = resolve(resource.Properties ?? {}, deployment.scope) as ResourceContext['properties'];
  const step: Step = { logicalId, resource, properties, order };
  const previous = deployment.standing.get(logicalId);
  if (previous !== undefined && previous.type !== resource.Type) {
    throw new AwsError(
      'ValidationError',
      `the type of ${logicalId} must not change from ${previous.type} to ${resource.Type}`,
    );
  }
  if (previous === undefined) await create(deployment, step);
  else if (isDeepStrictEqual(previous.properties, properties)) {
    const { attributes, physicalId } = previous;
    put(deployment, logicalId, describe(resource, properties, order, { physicalId, attributes }));
  } else await update(deployment, step, previous);
};

const isKept = (policy: string | undefined): boolean => policy?.startsWith('Retain') ?? false;

const deleteRemoved = async (deployment: Deployment, wanted: ReadonlySet<string>): Promise<void> => {
  for (const { logicalId, resource } of deployment.leftBehind) {
    if (!isKept(resource.updateReplacePolicy)) await destroy(deployment, logicalId, resource);
  }
  const removed = [...deployment.standing].filter(([logicalId]) => !wanted.has(logicalId));
  for (const [logicalId, resource] of removed.sort(([, a], [, b]) => b.order - a.order)) {
    if (!isKept(resource.deletionPolicy)) await destroy(deployment, logicalId, resource);
    remove(deployment, logicalId);
    deployment.changes.deleted.push(logicalId);
  }
};

const rollBack = async (deployment: Deployment, failed: string, reason: unknown): Promise<never> => {
  const undone: string[] = [];
  for (const { logicalId, run } of deployment.undo.reverse()) {
    try {
      await run();
      undone.push(logicalId);
    } catch (error) {
      deployment.log({
        level: 'error',
        message: `${deployment.stackName}/${logicalId} was not rolled back`,
        reason: String(error),
      });
    }
  }
  const type = deployment.template.resources[failed]?.Type ?? 'outputs';
  const message = reason instanceof Error ? reason.message : String(reason);
  const rolledBack = undone.length === 0 ? 'nothing had to be rolled back' : `rolled back: ${undone.join(', ')}`;
  throw Object.assign(
    new AwsError('StackFailed', `${deployment.stackName}/${failed} (${type}) failed: ${message}; ${rolledBack}`, 400),
    { cause: reason },
  );
};

const publishOutputs = ({ state, stackName, template, scope }: Deployment): void => {
  const outputs: Record<string, string> = {};
  const exports: Record<string, string> = {};
  for (const [key, output] of Object.entries(template.outputs)) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    outputs[key] = String(resolve(output.Value, scope));
    if (output.Export) exports[String(resolve(output.Export.Name, scope))] = outputs[key];
  }
  state.putOutputs(stackName, { outputs, exports });
};

const prepare = (options: DeployerOptions, { stackName, template }: AssemblyStack): Deployment => {
  const standing = new Map(options.state.resources(stackName));
  const { identity, state } = options;
  const scope = createStackScope({
    stackName,
    template,
    identity,
    state,
    standing: (logicalId) => standing.get(logicalId),
  });
  return {
    ...options,
    stackName,
    template,
    scope,
    standing,
    undo: [],
    leftBehind: [],
    changes: { created: [], updated: [], deleted: [] },
  };
};

/**
 * Brings one stack to what its template says: creates, updates what changed, deletes what is gone (unless retained).
 * A failure takes the changes back in reverse order and names the resource.
 * @throws AwsError UnsupportedResource before anything changed, StackFailed after taking the changes back.
 */
export const deployStack = async (options: DeployerOptions, stack: AssemblyStack): Promise<StackChanges> => {
  const deployment = prepare(options, stack);
  const order = creationOrder(stack.template).filter((logicalId) => {
    const condition = stack.template.resources[logicalId]?.Condition;
    return condition === undefined || deployment.scope.condition(condition);
  });
  for (const logicalId of order) providerOf(deployment, logicalId, stack.template.resources[logicalId]?.Type ?? '');
  let current = '';
  try {
    for (const [index, logicalId] of order.entries()) {
      current = logicalId;
      await apply(deployment, logicalId, index);
    }
    current = 'Outputs';
    publishOutputs(deployment);
  } catch (error) {
    return rollBack(deployment, current, error);
  }
  await deleteRemoved(deployment, new Set(order));
  return deployment.changes;
};

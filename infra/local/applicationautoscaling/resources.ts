import type { ProvisionedResource, ResourceContext, ResourceProvider } from '../contracts.ts';
import { readProperties } from '../protocols/fields.ts';
import { putResource } from '../protocols/put-resource.ts';
import { readPlace, readTarget, readTracking } from './read-settings.ts';
import { DIMENSION, NAMESPACE, policyKey, type ScalingTables } from './records.ts';
import type { ScalingBook } from './scaling-book.ts';

const scalableTarget = (book: ScalingBook, tables: ScalingTables): ResourceProvider => {
  const provisioned = (resourceId: string): ProvisionedResource => {
    const id = `${resourceId}|${DIMENSION}|${NAMESPACE}`;
    return { physicalId: id, attributes: { Id: id } };
  };
  const read = (context: ResourceContext) =>
    readProperties(context, (fields) => ({ resourceId: readPlace(fields), given: readTarget(fields) }));
  return {
    create: async (context) => {
      const { resourceId, given } = read(context);
      // A start after a kill creates again, and leaves the bounds that a rollout set as they are.
      if (tables.targets.get(resourceId) === undefined) book.register(resourceId, given);
      return provisioned(resourceId);
    },
    update: async (context) => {
      const { resourceId, given } = read(context);
      const written = provisioned(resourceId);
      if (written.physicalId !== context.physicalId) book.deregister(resourceIdIn(context.physicalId));
      book.register(resourceId, given);
      return written;
    },
    delete: async ({ physicalId }) => book.deregister(resourceIdIn(physicalId)),
  };
};

const resourceIdIn = (targetId: string): string => targetId.split('|')[0] ?? '';

const scalingPolicy = (book: ScalingBook, tables: ScalingTables): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { targetId, name, tracking } = readProperties(context, (fields) => ({
      targetId: fields.requiredText('ScalingTargetId'),
      name: fields.requiredText('PolicyName'),
      tracking: readTracking(fields),
    }));
    const { arn } = book.putPolicy(resourceIdIn(targetId), name, tracking);
    return { physicalId: arn, attributes: { Arn: arn } };
  };
  const remove = (arn: string): void => {
    const [, resourceId = '', name = ''] = /:resource\/ecs\/(.+):policyName\/(.+)$/.exec(arn) ?? [];
    // It goes with its target, whichever is deleted first.
    if (tables.policies.get(policyKey(resourceId, name)) !== undefined) book.deletePolicy(resourceId, name);
  };
  return putResource(put, remove);
};

/** The CloudFormation types of Application Auto Scaling, by the id of a target that AWS makes of its three parts. */
export const scalingResources = (
  book: ScalingBook,
  tables: ScalingTables,
): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::ApplicationAutoScaling::ScalableTarget': scalableTarget(book, tables),
  'AWS::ApplicationAutoScaling::ScalingPolicy': scalingPolicy(book, tables),
});

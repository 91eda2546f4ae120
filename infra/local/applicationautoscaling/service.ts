import type { LocalService, ServiceContext } from '../contracts.ts';
import type { ServiceCapacity } from '../ecs/service-capacity.ts';
import { guardOperations } from '../iam/guard.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { scalingAccess } from './access.ts';
import { scalingOperations } from './operations.ts';
import { openScalingTables } from './records.ts';
import { scalingResources } from './resources.ts';
import { createScalingBook, type ScalingAlarms, type ScalingBook } from './scaling-book.ts';
import { createTargetTracking } from './target-tracking.ts';

export interface ScalingService extends LocalService {
  /** An alarm of a policy has begun to ring. */
  deliver(policyArn: string): Promise<void>;
}

/**
 * Application Auto Scaling of ECS services by target tracking: each policy has two alarms in CloudWatch, as on AWS, and
 * acts when they ring. Requests of a load balancer's targets are counted here; what processors do is not measured, so
 * that a policy by it stands and calls for nothing. Step scaling, schedules and other services are refused by name.
 */
export const createScalingService = (
  context: ServiceContext,
  { services, alarms }: { readonly services: ServiceCapacity; readonly alarms: ScalingAlarms },
): ScalingService => {
  const tables = openScalingTables(context);
  const deps = { context, tables, services, alarms };
  const tracking = createTargetTracking(deps, () => book);
  const book: ScalingBook = createScalingBook(deps, tracking.look);
  const guard = { access: context.access, service: 'application-autoscaling' };
  return {
    signingName: 'application-autoscaling',
    handle: createJsonHandler({
      targetPrefix: 'AnyScaleFrontendService',
      version: '1.1',
      operations: guardOperations(guard, scalingAccess(context), scalingOperations(book, tables, context)),
    }),
    resources: scalingResources(book, tables),
    deliver: async (policyArn) => {
      const [, resourceId] = /:resource\/ecs\/(.+):policyName\//.exec(policyArn) ?? [];
      if (resourceId !== undefined) tracking.look(resourceId);
    },
    start: async () => tracking.start(),
  };
};

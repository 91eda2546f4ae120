import { callingService } from '../../kernel/unavailable.ts';
import type { ScalableTargets } from '../../ports/scalable-targets.ts';
import { jsonCall } from './json-call.ts';
import type { SignedClient } from './signed-client.ts';

const ECS_TASKS = { ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount' };

interface Described {
  readonly ScalableTargets?: readonly { readonly ResourceId?: string }[];
}

/** Application Auto Scaling of ECS services. */
export const createScalableTargets = (client: SignedClient): ScalableTargets => {
  const call = (operation: string) =>
    jsonCall(client, 'application-autoscaling', { version: '1.1', target: `AnyScaleFrontendService.${operation}` });
  const [describe, register] = [call('DescribeScalableTargets'), call('RegisterScalableTarget')];
  const ask = (send: (input: string) => Promise<unknown>, input: object): Promise<unknown> =>
    callingService('Application Auto Scaling', () => send(JSON.stringify({ ...ECS_TASKS, ...input })));
  return {
    registered: async (resourceIds) => {
      const { ScalableTargets = [] } = (await ask(describe, { ResourceIds: resourceIds })) as Described;
      return new Set(ScalableTargets.flatMap(({ ResourceId }) => ResourceId ?? []));
    },
    setBounds: async (resourceId, { min, max, suspended }) => {
      await ask(register, {
        ResourceId: resourceId,
        MinCapacity: min,
        MaxCapacity: max,
        SuspendedState: {
          DynamicScalingInSuspended: suspended.scaleIn,
          DynamicScalingOutSuspended: suspended.scaleOut,
        },
      });
    },
  };
};

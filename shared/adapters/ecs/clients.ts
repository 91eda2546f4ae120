import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import type { ScalableTargets } from '../../ports/scalable-targets.ts';

export interface ServiceClients {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  /** Absent where nothing is changed. */
  readonly scaling?: ScalableTargets;
}

export const createServiceClients = (): ServiceClients => ({
  ecs: new ECSClient({}),
  elb: new ElasticLoadBalancingV2Client({}),
});

const MISSING = new Set(['ClusterNotFoundException', 'ServiceNotFoundException', 'TargetGroupNotFoundException']);
const BUSY = new Set(['UpdateInProgressException', 'ServiceNotActiveException']);

/** For `catch`: AWS's errors as ours, with their cause. */
export const translate = (error: unknown): never => {
  const name = (error as { name?: string } | null)?.name ?? '';
  const message = error instanceof Error ? error.message : String(error);
  if (MISSING.has(name)) throw new NotFoundError(message, { cause: error });
  if (BUSY.has(name)) throw new ConflictError(message, { cause: error });
  throw error;
};

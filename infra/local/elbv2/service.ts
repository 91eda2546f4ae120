import type { LocalService, ServiceContext } from '../contracts.ts';
import { guardOperations } from '../iam/guard.ts';
import { createQueryHandler } from '../protocols/query.ts';
import { loadBalancingAccess } from './access.ts';
import { createForward, type Forward } from './forward.ts';
import { createLoadBalancingBook } from './load-balancing-book.ts';
import { createLoopbackClient } from './loopback-http.ts';
import { loadBalancingOperations } from './operations.ts';
import { openLoadBalancingTables } from './records.ts';
import { loadBalancingResources } from './resources.ts';
import { createTargetRegistry, type TargetRegistry } from './target-registry.ts';

export interface LoadBalancingService extends LocalService {
  /** Sends a request through a load balancer to a program on this machine. */
  readonly forward: Forward;
  readonly targets: TargetRegistry;
}

/**
 * Elastic Load Balancing: application load balancers that divide requests by path and weight among programs on
 * loopback. Nothing listens under their names: API Gateway's private integrations are the way in. Targets are looked
 * at when they start, when their health is asked for, and not in between: time leaps.
 */
export const createLoadBalancingService = (context: ServiceContext): LoadBalancingService => {
  const tables = openLoadBalancingTables(context);
  const book = createLoadBalancingBook(context, tables);
  const client = createLoopbackClient();
  const targets = createTargetRegistry(tables, context.clock, client);
  const guard = { access: context.access, service: 'elasticloadbalancing' };
  const operations = loadBalancingOperations(book, targets, context);
  return {
    signingName: 'elasticloadbalancing',
    handle: createQueryHandler({
      namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
      operations: guardOperations(guard, loadBalancingAccess(context), operations),
    }),
    resources: loadBalancingResources(book, context),
    forward: createForward({ context, tables, registry: targets, client }),
    targets,
    stop: async () => client.close(),
  };
};

import { InvalidStateError } from '../../kernel/errors.ts';
import type { ServiceDimensions } from '../../ports/serving-functions.ts';
import { createServiceClients, type ServiceClients } from './clients.ts';
import { loadBalancerOf, readSlots } from './slots.ts';

const fullName = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1).replace(/^loadbalancer\//, '');

/** The dimensions of a version's target group. @throws InvalidStateError when neither slot runs it any longer */
export const readServiceDimensions = async (
  serviceName: string,
  version: string,
  clients: ServiceClients = createServiceClients(),
): ReturnType<ServiceDimensions> => {
  const slot = (await readSlots(clients, serviceName)).find((one) => one.version === version);
  if (slot === undefined) throw new InvalidStateError(`${serviceName} does not run version ${version}`);
  const loadBalancerArn = await loadBalancerOf(clients, slot.targetGroupArn);
  return { TargetGroup: fullName(slot.targetGroupArn), LoadBalancer: fullName(loadBalancerArn) };
};

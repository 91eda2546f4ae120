import type { ServiceSlot } from '../../contracts/names.ts';
import { CLOSED_SCALING, isScaled } from '../../contracts/service-tasks.ts';
import type { ScalingBounds } from '../../ports/scalable-targets.ts';
import type { ServiceClients } from './clients.ts';
import { clusterOf, type ServiceState, type Slot } from './slots.ts';
import { readDefinition } from './task-definitions.ts';

/**
 * Lets the slots scale that get traffic, each within the bounds of the definition that it runs, and closes the scaling of
 * a slot that gets none. While both serve nothing scales in, as AWS keeps it while a deployment of a service's own runs:
 * a champion must be able to take all its traffic back, a canary to get it, and what one slot is asked says neither.
 */
export const setScaling = async (
  clients: ServiceClients,
  serviceName: string,
  { slots }: ServiceState,
  serving: ServiceSlot | 'both',
): Promise<void> => {
  const { scaling } = clients;
  if (scaling === undefined) return;
  const read = await Promise.all(slots.map((slot) => readDefinition(clients, slot.definitionArn)));
  const scaled = slots.flatMap((slot, index) => {
    const { tasks = CLOSED_SCALING } = read[index] ?? {};
    return isScaled(tasks) ? [{ slot, tasks }] : [];
  });
  if (scaled.length === 0) return;
  const resourceIdOf = ({ service }: Slot): string => `service/${clusterOf(serviceName)}/${service}`;
  const registered = await scaling.registered(scaled.map(({ slot }) => resourceIdOf(slot)));
  for (const { slot, tasks } of scaled) {
    const resourceId = resourceIdOf(slot);
    if (!registered.has(resourceId)) continue;
    const open: ScalingBounds = { ...tasks, suspended: { scaleIn: serving === 'both', scaleOut: false } };
    const serves = serving === 'both' || serving === slot.slot;
    await scaling.setBounds(resourceId, serves ? open : CLOSED_SCALING);
  }
};

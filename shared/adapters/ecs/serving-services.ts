import { DeregisterTaskDefinitionCommand, paginateListTaskDefinitions } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { pinnedFamilyName } from '../../contracts/names.ts';
import { ConflictError, NotFoundError, UnavailableError } from '../../kernel/errors.ts';
import type { FunctionState, ServingFunctions } from '../../ports/serving-functions.ts';
import { createServiceClients, type ServiceClients, translate } from './clients.ts';
import { setScaling } from './slot-scaling.ts';
import { readServiceState, readSlots, type ServiceState, type Slot, setWeights, updateSlot } from './slots.ts';
import { type Definition, readDefinition, registerPinned, versionIn } from './task-definitions.ts';

/** Weights of a load balancer's rule are whole: so many in all where two slots share. */
const WHOLE = 1_000;
const MAX_WEIGHT = 999;

const pinnedArn = (serviceName: string, like: string, version: string): string =>
  `${like.slice(0, like.lastIndexOf('/') + 1)}${pinnedFamilyName(serviceName)}:${version}`;

/** The slot that may be given another version: the one that nothing is sent to. */
const idleSlot = ({ slots, weights }: ServiceState): Slot => {
  const idle = slots.find(({ slot }) => weights[slot] === 0);
  if (idle === undefined) throw new ConflictError('both slots serve: traffic is still divided');
  return idle;
};

const slotOfVersion = (serviceName: string, slots: readonly Slot[], version: string): Slot => {
  const found = slots.find((slot) => slot.version === version);
  if (found !== undefined) return found;
  const running = slots.map((slot) => slot.version).join(' and ');
  throw new NotFoundError(`${serviceName} does not run version ${version}: its slots have ${running}`);
};

const trafficRevision = ({ slots, weights }: ServiceState): string =>
  slots.map(({ slot, version }) => `${slot}:${version}:${weights[slot]}`).join(' ');

interface Described {
  readonly state: FunctionState;
  readonly services: ServiceState;
  readonly deployed: Definition;
  readonly idle: Slot;
}

/** What `$LATEST` is of a function: what was deployed, with the environment that the idle slot gives it already. */
const describe = async (clients: ServiceClients, serviceName: string): Promise<Described> => {
  const [deployed, services] = await Promise.all([
    readDefinition(clients, serviceName),
    readServiceState(clients, serviceName),
  ]);
  const idle = idleSlot(services);
  const standing = idle.desiredCount > 0 ? await readDefinition(clients, idle.definitionArn) : undefined;
  const current = standing?.codeSha256 === deployed.codeSha256 ? standing : undefined;
  return {
    services,
    deployed,
    idle,
    state: {
      codeSha256: deployed.codeSha256 ?? '',
      revisionId: `${versionIn(deployed.arn)} ${idle.slot}:${idle.version}:${idle.desiredCount}`,
      settled: idle.rolloutState !== 'IN_PROGRESS',
      environment: (current ?? deployed).environment,
    },
  };
};

/** Read again right before the change: neither ECS nor the load balancer takes a condition with it. */
const describeAt = async (clients: ServiceClients, serviceName: string, revisionId: string): Promise<Described> => {
  const described = await describe(clients, serviceName);
  if (described.state.revisionId === revisionId) return described;
  throw new ConflictError(`${serviceName} changed since it was read: ${revisionId} is ${described.state.revisionId}`);
};

/** As many as serve now, within the bounds of what was deployed: traffic does not wait for a canary to scale. */
const taskCountToBeginWith = ({ tasks }: Definition, { slots }: ServiceState): number =>
  Math.min(tasks.max, Math.max(tasks.min, ...slots.map(({ desiredCount }) => desiredCount)));

const aliasOf = (services: ServiceState) => {
  const { slots, weights } = services;
  const serving = slots
    .filter(({ slot }) => weights[slot] > 0)
    .toSorted((left, right) => Number(left.version) - Number(right.version));
  const [main, canary] = serving;
  if (main === undefined) throw new NotFoundError('neither slot gets any traffic');
  const total = weights.a + weights.b;
  return {
    // A canary is always registered after what it is to replace.
    lambdaVersion: main.version,
    weights: canary === undefined ? {} : { [canary.version]: weights[canary.slot] / total },
    revisionId: trafficRevision(services),
  };
};

/** Sends traffic where it is to go, and ends the tasks of a slot that gets none any longer. Repeating it is harmless. */
const setTraffic = async (
  clients: ServiceClients,
  serviceName: string,
  to: Parameters<ServingFunctions['setLiveAlias']>[1],
): Promise<void> => {
  const services = await readServiceState(clients, serviceName);
  if (trafficRevision(services) !== to.revisionId)
    throw new ConflictError(`traffic of ${serviceName} changed since it was read`);
  const { slots } = services;
  const main = slotOfVersion(serviceName, slots, to.lambdaVersion);
  const [canary] = Object.entries(to.weights);
  const canaryWeight = canary === undefined ? 0 : Math.round(canary[1] * WHOLE);
  const weights = { a: 0, b: 0, [main.slot]: Math.min(MAX_WEIGHT, WHOLE - canaryWeight) };
  if (canary !== undefined)
    weights[slotOfVersion(serviceName, slots, canary[0]).slot] = Math.min(MAX_WEIGHT, canaryWeight);
  if (weights.a !== services.weights.a || weights.b !== services.weights.b)
    await setWeights(clients, services, weights);
  // Before its tasks end, or they would be started again.
  await setScaling(clients, serviceName, services, canary === undefined ? main.slot : 'both');
  for (const slot of slots) {
    if (weights[slot.slot] === 0 && slot.desiredCount > 0)
      await updateSlot(clients, serviceName, slot, { desiredCount: 0 });
  }
};

/**
 * Whether the version's tasks came up: each verifies the pinned bytes, loads them and has them answer a row of nothing
 * before it says that it is ready, which is what the load balancer asks. No request reaches a slot without traffic.
 */
const testVersion = async (clients: ServiceClients, serviceName: string, version: string) => {
  const slot = slotOfVersion(serviceName, await readSlots(clients, serviceName), version);
  const { environment } = await readDefinition(clients, slot.definitionArn);
  const { TargetHealthDescriptions = [] } = await clients.elb
    .send(new DescribeTargetHealthCommand({ TargetGroupArn: slot.targetGroupArn }))
    .catch(translate);
  const states = TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State ?? 'unknown');
  const healthyTaskCount = states.filter((state) => state === 'healthy').length;
  if (slot.desiredCount > 0 && healthyTaskCount >= slot.desiredCount) {
    const { MODEL_NAME: model, MODEL_VERSION } = environment;
    return { failed: false, payload: { model, version: Number(MODEL_VERSION), healthyTaskCount } };
  }
  const found = `${healthyTaskCount} of ${slot.desiredCount} tasks are healthy [${states.join(', ')}]`;
  if (slot.rolloutState !== 'FAILED') throw new UnavailableError(`${slot.service} is coming up: ${found}`);
  return {
    failed: true,
    payload: { errorType: 'TasksNotReady', errorMessage: `${found}: ${slot.rolloutStateReason}` },
  };
};

const listVersions = async ({ ecs }: ServiceClients, serviceName: string): Promise<readonly string[]> => {
  const versions: string[] = [];
  const pages = paginateListTaskDefinitions(
    { client: ecs },
    { familyPrefix: pinnedFamilyName(serviceName), status: 'ACTIVE', sort: 'ASC' },
  );
  for await (const { taskDefinitionArns = [] } of pages) versions.push(...taskDefinitionArns.map(versionIn));
  return versions.sort((left, right) => Number(left) - Number(right));
};

/**
 * Models on ECS, by the same meaning as functions: what a deploy brings is a task definition that nothing runs;
 * publishing registers one that pins a model and starts it in the slot that does not serve; its revision is the
 * version; the alias is the rule of the load balancer, whose weights divide traffic between the slots. A slot without
 * traffic runs no tasks once traffic was moved, and does not scale. AWS takes no condition with these changes: revisions
 * are read again right before, and the rollout's lease keeps others away.
 */
export const createServingServices = (given: Partial<ServiceClients> = {}): ServingFunctions => {
  const clients = { ...createServiceClients(), ...given };
  return servingServices(clients);
};

const servingServices = (clients: ServiceClients): ServingFunctions => ({
  async describe(serviceName, qualifier) {
    if (qualifier === undefined) return (await describe(clients, serviceName)).state;
    const deployed = await readDefinition(clients, serviceName);
    const pinned = await readDefinition(clients, pinnedArn(serviceName, deployed.arn, qualifier));
    const { environment, codeSha256 = '', arn } = pinned;
    return { codeSha256, revisionId: versionIn(arn), settled: true, environment };
  },
  async updateEnvironment(serviceName, environment, revisionId) {
    const { deployed, idle, services } = await describeAt(clients, serviceName, revisionId);
    const taskDefinition = await registerPinned(clients, serviceName, deployed, environment);
    const desiredCount = taskCountToBeginWith(deployed, services);
    await updateSlot(clients, serviceName, idle, { taskDefinition, desiredCount });
  },
  async publish(serviceName, { revisionId, codeSha256 }) {
    const { idle, state, services } = await describeAt(clients, serviceName, revisionId);
    if (idle.desiredCount === 0 || state.codeSha256 !== codeSha256)
      throw new ConflictError(`${serviceName} has nothing of code ${codeSha256} to publish`);
    await setScaling(clients, serviceName, services, 'both');
    return { lambdaVersion: idle.version, codeSha256, environment: state.environment };
  },
  async getLiveAlias(serviceName) {
    return aliasOf(await readServiceState(clients, serviceName));
  },
  setLiveAlias: (serviceName, to) => setTraffic(clients, serviceName, to),
  invoke: (serviceName, version) => testVersion(clients, serviceName, version),
  listVersions: (serviceName) => listVersions(clients, serviceName),
  async deleteVersion(serviceName, version) {
    const taskDefinition = `${pinnedFamilyName(serviceName)}:${version}`;
    await clients.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition })).catch(translate);
  },
});

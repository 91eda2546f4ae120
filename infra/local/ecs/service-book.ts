import { AwsError, type ServiceContext } from '../contracts.ts';
import type { ReadService } from './read-service.ts';
import { type ReadTaskDefinition, soleContainer } from './read-task-definition.ts';
import {
  arnOf,
  type Deployment,
  definitionKey,
  type EcsTables,
  requireCluster,
  requireDefinition,
  type Service,
  serviceKey,
  type TaskDefinition,
} from './records.ts';

type Wire = Readonly<Record<string, unknown>>;

export interface ServiceChange {
  readonly taskDefinition?: string | undefined;
  readonly desiredCount?: number | undefined;
  readonly forceNewDeployment?: boolean;
}

/** Task definitions and services: what is wanted, whoever asks for it. What runs follows. */
export interface ServiceBook {
  register(given: ReadTaskDefinition & { readonly family: string }, wire: Wire): TaskDefinition;
  /** @throws AwsError for a service that stands */
  create(given: ReadService & { readonly name: string }, wire: Wire): Service;
  update(service: Service, change: ServiceChange): Service;
  remove(service: Service): Service;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
const FAMILY = /^[A-Za-z0-9_-]{1,255}$/;

export const createServiceBook = (
  context: ServiceContext,
  tables: EcsTables,
  converge: (key: string) => void,
): ServiceBook => {
  const { clock, ids } = context;

  const newDeployment = (taskDefinitionArn: string): Deployment => ({
    id: `ecs-svc/${ids.uuid().replaceAll('-', '').slice(0, 19)}`,
    taskDefinitionArn,
    createdAtMs: clock.nowMs(),
    updatedAtMs: clock.nowMs(),
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: 'ECS deployment in progress.',
    failedTaskCount: 0,
  });

  const put = (service: Service): Service => {
    const key = serviceKey(service.clusterArn, service.name);
    tables.services.put(key, service);
    converge(key);
    return service;
  };

  const activeDefinition = (reference: string): TaskDefinition => {
    const definition = requireDefinition(tables, reference);
    if (definition.status === 'ACTIVE') return definition;
    throw new AwsError('ClientException', 'TaskDefinition is inactive');
  };

  return {
    register: (given, wire) => {
      const { family, taskRoleArn, executionRoleArn } = given;
      const container = soleContainer(given);
      if (!FAMILY.test(family))
        throw new AwsError('ClientException', `family must match [A-Za-z0-9_-]{1,255}, got ${JSON.stringify(family)}`);
      const revision = (tables.revisions.get(family) ?? 0) + 1;
      const arn = arnOf(context, `task-definition/${family}:${revision}`);
      const definition: TaskDefinition = {
        arn,
        family,
        revision,
        status: 'ACTIVE',
        container,
        taskRoleArn,
        executionRoleArn,
        registeredAtMs: clock.nowMs(),
        wire,
      };
      tables.revisions.put(family, revision);
      tables.definitions.put(definitionKey(family, revision), definition);
      return definition;
    },
    create: ({ name, cluster, taskDefinition, desiredCount, targetGroups, circuitBreaker }, wire) => {
      const { arn: clusterArn, name: clusterName } = requireCluster(tables, cluster);
      if (tables.services.get(serviceKey(clusterArn, name))?.status === 'ACTIVE')
        throw new AwsError('InvalidParameterException', 'Creation of service was not idempotent.');
      if (taskDefinition === undefined) throw new AwsError('InvalidParameterException', 'taskDefinition is required');
      const definition = activeDefinition(taskDefinition);
      const ports = targetGroups.map(({ containerPort }) => containerPort);
      if (ports.some((port) => port !== definition.container.port))
        throw new AwsError('InvalidParameterException', `The container does not have the port ${ports.join(', ')}.`);
      return put({
        arn: arnOf(context, `service/${clusterName}/${name}`),
        name,
        clusterArn,
        status: 'ACTIVE',
        desiredCount: desiredCount ?? 1,
        targetGroups,
        circuitBreaker: circuitBreaker ?? false,
        deployment: newDeployment(definition.arn),
        createdAtMs: clock.nowMs(),
        wire,
      });
    },
    update: (service, { taskDefinition, desiredCount, forceNewDeployment = false }) => {
      const arn = taskDefinition === undefined ? undefined : activeDefinition(taskDefinition).arn;
      const changes = arn !== undefined && arn !== service.deployment.taskDefinitionArn;
      const deployment =
        changes || forceNewDeployment ? newDeployment(arn ?? service.deployment.taskDefinitionArn) : service.deployment;
      return put({ ...service, deployment, desiredCount: desiredCount ?? service.desiredCount });
    },
    remove: (service) => put({ ...service, status: 'INACTIVE', desiredCount: 0 }),
  };
};

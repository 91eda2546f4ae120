import type { Fields } from '../protocols/fields.ts';
import type { Service } from './records.ts';

/** What a service is made of, in the API's spelling, which templates are brought to. */

const ONE_MACHINE = 'tasks run on this machine';
const AS_FAST = 'new tasks start before old ones stop, however many';

export interface ReadService {
  readonly name: string | undefined;
  readonly cluster: string;
  readonly taskDefinition: string | undefined;
  readonly desiredCount: number | undefined;
  readonly targetGroups: Service['targetGroups'];
  readonly circuitBreaker: boolean | undefined;
}

const readTargetGroups = (fields: Fields): Service['targetGroups'] =>
  fields.list('loadBalancers', (one) => {
    // There is one container in a task.
    one.requiredText('containerName');
    const containerPort = one.integer('containerPort', { min: 1, max: 65_535 });
    if (containerPort === undefined) throw one.refuse('containerPort', 'is required');
    return { targetGroupArn: one.requiredText('targetGroupArn'), containerPort };
  }) ?? [];

const readDeploymentConfiguration = (fields: Fields): boolean | undefined =>
  fields.object('deploymentConfiguration', (one) => {
    one.ignore(AS_FAST, 'maximumPercent', 'minimumHealthyPercent');
    return one.object('deploymentCircuitBreaker', (breaker) => {
      if (breaker.flag('rollback') === true) throw breaker.refuse('rollback', 'must be false here');
      return breaker.flag('enable');
    });
  });

export const readCreatedService = (fields: Fields): ReadService => {
  fields.choice('launchType', ['FARGATE']);
  fields.choice('schedulingStrategy', ['REPLICA']);
  fields.object('deploymentController', (one) => one.choice('type', ['ECS']));
  fields.ignore(ONE_MACHINE, 'networkConfiguration', 'platformVersion', 'availabilityZoneRebalancing');
  fields.ignore('a task is looked at until it is healthy', 'healthCheckGracePeriodSeconds');
  fields.ignore('no operation here reads tags back', 'tags', 'propagateTags', 'enableECSManagedTags');
  return {
    name: fields.text('serviceName'),
    cluster: fields.text('cluster') ?? 'default',
    taskDefinition: fields.text('taskDefinition'),
    desiredCount: fields.integer('desiredCount', { min: 0, max: 5_000 }),
    targetGroups: readTargetGroups(fields),
    circuitBreaker: readDeploymentConfiguration(fields),
  };
};

export const readUpdatedService = (fields: Fields) => ({
  cluster: fields.text('cluster') ?? 'default',
  service: fields.requiredText('service'),
  taskDefinition: fields.text('taskDefinition'),
  desiredCount: fields.integer('desiredCount', { min: 0, max: 5_000 }),
  forceNewDeployment: fields.flag('forceNewDeployment') ?? false,
});

import { createHash } from 'node:crypto';
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { CfnListenerRule, type CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { DeploymentDefinition, ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import {
  captureStreamName,
  inferencePaths,
  inferenceServiceName,
  pinnedFamilyName,
  SERVICE_SLOTS,
  slotServiceName,
} from '../../../shared/contracts/names.ts';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import type { StageConfig } from '../config.ts';
import type { EncryptedBucket, EncryptedTable } from '../permissions.ts';
import { inferenceStatements } from './model-endpoint.ts';
import { addServerScaling, scaledTasks, taskRangeOf } from './server-scaling.ts';
import { addServerService, addServerTargets } from './server-service.ts';
import { addServerTask, SERVER_CONTAINER, SERVER_PORT } from './server-task.ts';
import type { ServingNetwork } from './serving-network.ts';

type EcsDeployment = Extract<DeploymentDefinition, { target: 'ecs' }>;

export interface EcsEndpointProps {
  readonly stage: StageConfig;
  readonly definition: ModelDefinition;
  readonly deployment: EcsDeployment;
  readonly network: ServingNetwork;
  readonly artifacts: EncryptedBucket;
  readonly registry: EncryptedTable;
  readonly audit: EncryptedTable;
  readonly online: EncryptedTable;
}

const LAST_PRIORITY = 40_000;

/** Of a model's listener rule: its own, whatever other models there are. */
const priorityOf = (model: string): number =>
  1 + (createHash('sha256').update(model).digest().readUInt32BE(0) % LAST_PRIORITY);

/** @throws InvalidRequestError when two models would have one rule: one of them needs another name */
export const checkPriorities = (models: readonly string[]): void => {
  for (const [index, model] of models.entries()) {
    const other = models.slice(0, index).find((earlier) => priorityOf(earlier) === priorityOf(model));
    if (other !== undefined)
      throw new InvalidRequestError(`models ${other} and ${model} get the same listener rule: rename one of them`);
  }
};

/**
 * A model on ECS: two services (slots) behind one rule of the load balancer, whose weights a rollout shifts. As with
 * functions, what serves belongs to run time. The task definition of the family `…-serve-…` is what a deploy brings,
 * and nothing runs it; a rollout registers one of the family `…-pinned-…` from it, with the model's digests in its
 * environment, and gives it to the slot that does not serve. Services, rule, scalable targets, and the first pinned
 * definition never change once they are made, whatever changes in image, settings or environment: no deploy touches a
 * running canary.
 */
export class EcsEndpoint extends Construct {
  readonly targetGroupFullNames: readonly string[];
  readonly ruleArn: string;
  /** Of its tasks: who registers a task definition hands them over. */
  readonly roleArns: readonly string[];
  /** Whether rollouts set the bounds of its number of tasks. */
  readonly scales: boolean;

  constructor(scope: Construct, id: string, props: EcsEndpointProps) {
    super(scope, id);
    const { stage, definition, network } = props;
    const serviceName = inferenceServiceName(stage.name, definition.name);
    const { deployment, artifacts, registry, audit, online } = props;
    const { featureViews = [] } = definition;
    this.roleArns = addServerTask(this, {
      stage,
      subject: `model ${definition.name}`,
      family: serviceName,
      vcpus: deployment.vcpus,
      memoryMb: deployment.memoryMb,
      tasks: taskRangeOf(deployment.tasks),
      statements: inferenceStatements(this, props),
      environment: {
        MODEL_NAME: definition.name,
        ARTIFACT_BUCKET: artifacts.bucket.bucketName,
        REGISTRY_TABLE: registry.table.tableName,
        AUDIT_TABLE: audit.table.tableName,
        CAPTURE_STREAM: captureStreamName(stage.name, definition.name),
        CAPTURE_LIMIT_MS: String(stage.captureLimitMs),
        ...(featureViews.length > 0 ? { ONLINE_TABLE: online.table.tableName } : {}),
      },
    }).roleArns;
    const noModel = new CfnTaskDefinition(this, 'NoModelInService', {
      family: pinnedFamilyName(serviceName),
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      // It stands where a service must name something, with no task wanted of it.
      containerDefinitions: [
        {
          name: SERVER_CONTAINER,
          image: 'public.ecr.aws/docker/library/busybox:stable',
          portMappings: [{ containerPort: SERVER_PORT }],
        },
      ],
    });
    const groups = SERVICE_SLOTS.map((slot) => addServerTargets(this, `Targets${slot.toUpperCase()}`, network));
    const rule = new CfnListenerRule(this, 'Rule', {
      listenerArn: network.listenerArn,
      priority: priorityOf(definition.name),
      conditions: [{ field: 'path-pattern', pathPatternConfig: { values: [...inferencePaths(definition.name)] } }],
      actions: [
        {
          type: 'forward',
          forwardConfig: {
            targetGroups: groups.map((group, index) => ({ targetGroupArn: group.ref, weight: 1 - index })),
          },
        },
      ],
    });
    const tasks = scaledTasks(deployment.tasks);
    for (const [index, slot] of SERVICE_SLOTS.entries()) {
      const id = `Slot${slot.toUpperCase()}`;
      const named = { serviceName: slotServiceName(serviceName, slot), network };
      const group = groups[index] as CfnTargetGroup;
      const service = addServerService(this, id, {
        ...named,
        taskDefinition: noModel.ref,
        desiredCount: 0,
        targetGroupArn: group.ref,
      });
      // A service is refused while no rule leads to its target group.
      service.addResourceDependency(rule);
      if (tasks === undefined) continue;
      const targetGroupFullName = group.attrTargetGroupFullName;
      addServerScaling(this, `${id}Scaling`, { ...named, service, targetGroupFullName, tasks, bounds: 'by rollouts' });
    }
    this.scales = tasks !== undefined;
    this.ruleArn = rule.ref;
    this.targetGroupFullNames = groups.map(({ attrTargetGroupFullName }) => attrTargetGroupFullName);
  }
}

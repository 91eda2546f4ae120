import { CfnListenerRule } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { modelServerName } from '../../../shared/contracts/names.ts';
import type { StageConfig } from '../config.ts';
import { type EncryptedBucket, type EncryptedTable, listObjects, readObjects, useItems } from '../permissions.ts';
import { addServerScaling, scaledTasks, taskRangeOf } from './server-scaling.ts';
import { addServerService, addServerTargets } from './server-service.ts';
import { addServerTask } from './server-task.ts';
import type { ServingNetwork } from './serving-network.ts';

/** Behind the rules of all models that have one of their own. */
const PRIORITY = 50_000;
const VCPUS = 1;
const MEMORY_MB = 2_048;

/**
 * One service for every registered model that has no definition: it fetches a model when it is first asked for, and
 * keeps as many as fit. What it serves is the registry's to say, so that deploys may change it as they come.
 */
export class ModelServer extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly stage: StageConfig;
      readonly network: ServingNetwork;
      readonly artifacts: EncryptedBucket;
      readonly registry: EncryptedTable;
      readonly audit: EncryptedTable;
    },
  ) {
    super(scope, id);
    const { stage, network, artifacts, registry, audit } = props;
    const name = modelServerName(stage.name);
    const { definition } = addServerTask(this, {
      stage,
      subject: 'every registered model',
      family: name,
      vcpus: VCPUS,
      memoryMb: MEMORY_MB,
      tasks: taskRangeOf(stage.modelServerTasks),
      environment: {
        MODELS: 'registry',
        ARTIFACT_BUCKET: artifacts.bucket.bucketName,
        REGISTRY_TABLE: registry.table.tableName,
        AUDIT_TABLE: audit.table.tableName,
      },
      statements: [
        // What clients logged, and what pipelines packaged.
        ...listObjects(artifacts),
        ...readObjects(artifacts, 'models/', 'tracking/'),
        ...useItems(registry, 'GetItem', 'Query'),
        ...useItems(audit, 'GetItem'),
      ],
    });
    const group = addServerTargets(this, 'Targets', network);
    const rule = new CfnListenerRule(this, 'Rule', {
      listenerArn: network.listenerArn,
      priority: PRIORITY,
      conditions: [{ field: 'path-pattern', pathPatternConfig: { values: ['/v2/models/*', '/models/*'] } }],
      actions: [{ type: 'forward', targetGroupArn: group.ref }],
    });
    const service = addServerService(this, 'Service', {
      serviceName: name,
      network,
      taskDefinition: definition.ref,
      desiredCount: typeof stage.modelServerTasks === 'number' ? stage.modelServerTasks : undefined,
      targetGroupArn: group.ref,
    });
    // A service is refused while no rule leads to its target group.
    service.addResourceDependency(rule);
    const tasks = scaledTasks(stage.modelServerTasks);
    if (tasks === undefined) return;
    const targetGroupFullName = group.attrTargetGroupFullName;
    const scaling = { service, serviceName: name, network, targetGroupFullName, tasks, bounds: 'as defined' } as const;
    addServerScaling(this, 'Scaling', scaling);
  }
}

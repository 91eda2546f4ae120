import { Stack } from 'aws-cdk-lib';
import { Dashboard, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { PROFILES_PREFIX } from '../../../shared/contracts/monitoring-keys.ts';
import { driftCheckName } from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import { addBudget } from '../constructs/budget.ts';
import { DeadLetters } from '../constructs/dead-letters.ts';
import { eventTarget } from '../constructs/event-target.ts';
import { fleetWidgets } from '../constructs/fleet-dashboard.ts';
import { ModelAlarms } from '../constructs/model-alarms.ts';
import { modelWidgets } from '../constructs/model-dashboard.ts';
import { SCHEDULED_TIME, Schedule, schedulerRole } from '../constructs/schedule.ts';
import { readDefinition, Workflow } from '../constructs/workflow.ts';
import { pascalCase } from '../names.ts';
import { allow, listObjectsUnder, policy, publishEvents, readObjects, useItems, writeObjects } from '../permissions.ts';
import { addSealAudit } from './audit-functions.ts';
import { addWriteDailyReport } from './daily-report.ts';
import { addExperimentWatch } from './experiments.ts';
import { addFolding } from './folding.ts';
import { addCollectGarbage } from './garbage-functions.ts';
import { addMetering } from './metering.ts';
import { addScoreModelTests } from './ml-test-score.ts';
import { addNotifyPeople } from './notifications.ts';
import { addOpenLineage } from './openlineage-functions.ts';
import { addRenderPages } from './pages.ts';
import { addPairedShadow } from './paired-shadow.ts';
import { addMeasurePerformance } from './performance.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** An account has three dashboards without charge; CloudWatch allows 500 widgets on one. */
const FREE_DASHBOARDS = 3;
const MODELS_PER_DASHBOARD = 40;

/** Looks at every model daily, rings when something is wrong, and shows what is going on. */
export class MonitoringStack extends Stack {
  private readonly props: PlatformStackProps;
  private readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    this.props = props;
    const { stage, definitions, data } = props;
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { stage, stackPart: 'monitoring', topic: data.alarmTopic });
    const driftCheckArn = this.addDriftCheck();
    const role = schedulerRole(this, 'SchedulerRole', {
      statements: [allow(['states:StartExecution'], [driftCheckArn])],
      deadLetterQueue: this.deadLetters.queue,
    });
    for (const definition of definitions) {
      const id = pascalCase(definition.name);
      new ModelAlarms(this, `${id}Alarms`, { stage, definition, topic: data.alarmTopic });
      new Schedule(this, `${id}Schedule`, {
        name: `millrace-${stage.name}-drift-check-${definition.name}`,
        expression: definition.monitors.schedule,
        description: `Checks ${definition.name} for drift`,
        targetArn: driftCheckArn,
        roleArn: role.roleArn,
        input: { model: definition.name, scheduledAt: SCHEDULED_TIME },
        deadLetterQueue: this.deadLetters.queue,
      });
    }
    this.addDashboards();
    this.addNotifications();
    addNotifyPeople(this, props, this.deadLetters.queue);
    addSealAudit(this, props, this.deadLetters.queue);
    addOpenLineage(this, props, this.deadLetters.queue);
    addCollectGarbage(this, props, this.deadLetters.queue);
    addMetering(this, props, this.deadLetters.queue);
    addExperimentWatch(this, props, this.deadLetters.queue);
    addPairedShadow(this, props, this.deadLetters.queue);
    addBudget(this, stage, data.alarmTopic);
  }

  private addDriftCheck(): string {
    const { data, artifacts, lineage, bus } = this.props.data;
    const add = functionAdder(this, this.props);
    const DATA_BUCKET = data.bucket.bucketName;
    const ARTIFACT_BUCKET = artifacts.bucket.bucketName;
    const LINEAGE_TABLE = lineage.table.tableName;
    const recordEdges = useItems(lineage, 'UpdateItem');
    return new Workflow(this, 'DriftCheck', {
      stage: this.props.stage,
      name: driftCheckName(this.props.stage.name),
      definition: readDefinition('drift-check'),
      functions: {
        ...addFolding(add, this.props),
        'detect-drift': add('detect-drift', {
          description: 'Compares a window with the reference and publishes the metrics',
          environment: { DATA_BUCKET, ARTIFACT_BUCKET, LINEAGE_TABLE, EVENT_BUS_NAME: bus.eventBusName },
          statements: [
            ...listObjectsUnder(data, 'reports/'),
            ...readObjects(data, 'reports/', PROFILES_PREFIX),
            ...writeObjects(data, 'reports/'),
            ...readObjects(artifacts, 'models/'),
            ...recordEdges,
            ...publishEvents(bus),
          ],
          memoryMb: 1_024,
          timeoutSeconds: 120,
        }),
        'measure-performance': addMeasurePerformance(add, this.props),
        'write-daily-report': addWriteDailyReport(add, this.props),
        'score-model-tests': addScoreModelTests(add, this.props),
        'render-pages': addRenderPages(add, this.props),
      },
      substitutions: {},
      statements: [],
    }).stateMachineArn;
  }

  /**
   * One dashboard of all models and one of each while they are free; beyond that, sections of as few as will hold them:
   * they cost 3 $ a month.
   */
  private addDashboards(): void {
    const { stage, definitions } = this.props;
    const fleet = definitions.length === 0 ? [] : fleetWidgets(this, stage, definitions);
    const add = (id: string, name: string, first: readonly IWidget[], models: readonly ModelDefinition[]) =>
      new Dashboard(this, id, {
        dashboardName: `millrace-${stage.name}-${name}`,
        widgets: [...first, ...models.flatMap((definition) => modelWidgets(this, stage, definition))].map((row) => [
          row,
        ]),
      });
    if (definitions.length < FREE_DASHBOARDS) {
      if (fleet.length > 0) add('DashboardOfAll', 'all_models', fleet, []);
      for (const definition of definitions)
        add(`${pascalCase(definition.name)}Dashboard`, definition.name, [], [definition]);
      return;
    }
    for (let start = 0; start < definitions.length; start += MODELS_PER_DASHBOARD) {
      const part = start / MODELS_PER_DASHBOARD + 1;
      add(
        `Models${part}Dashboard`,
        `models-${part}`,
        start === 0 ? fleet : [],
        definitions.slice(start, start + MODELS_PER_DASHBOARD),
      );
    }
  }

  /** What neither an alarm measures nor notify-people hears, but somebody should hear of. */
  private addNotifications(): void {
    const { stage, data } = this.props;
    const role = new Role(this, 'NotificationRole', {
      description: 'EventBridge publishes on the alarm topic',
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
      inlinePolicies: {
        publish: policy([
          allow(['sns:Publish'], [data.alarmTopic.topicArn]),
          allow(['kms:Decrypt', 'kms:GenerateDataKey'], [data.key.keyArn]),
        ]),
      },
    });
    const target = eventTarget({ arn: data.alarmTopic.topicArn, role, deadLetterQueue: this.deadLetters.queue });
    new Rule(this, 'ExecutionFailed', {
      description: 'A workflow of this stage did not succeed',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: [{ prefix: arnOf(this, 'states', `stateMachine:millrace-${stage.name}-`) }],
        },
      },
      targets: [target],
    });
  }
}

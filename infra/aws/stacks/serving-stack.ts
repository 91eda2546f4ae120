import { CfnOutput, Stack } from 'aws-cdk-lib';
import { EventField, type IEventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { EVENT_SOURCE, type EventType } from '../../../shared/contracts/events.ts';
import { canaryRolloutName } from '../../../shared/contracts/names.ts';
import { CaptureStreams } from '../constructs/capture-streams.ts';
import { CompositionEndpoint } from '../constructs/composition-endpoint.ts';
import { DeadLetters } from '../constructs/dead-letters.ts';
import { eventTarget } from '../constructs/event-target.ts';
import { ModelEndpoint } from '../constructs/model-endpoint.ts';
import { Schedule, schedulerRole } from '../constructs/schedule.ts';
import { ServerImage } from '../constructs/server-image.ts';
import { SignedApi } from '../constructs/signed-api.ts';
import { UsagePlans } from '../constructs/usage-plans.ts';
import { readDefinition, Workflow } from '../constructs/workflow.ts';
import { pascalCase } from '../names.ts';
import { allow, policy } from '../permissions.ts';
import { addRollBack } from './roll-back-function.ts';
import {
  addDescribeServer,
  addReconcileServing,
  addRecordGroundTruth,
  addRolloutFunctions,
} from './serving-functions.ts';
import { addServingServices, type ServingServices } from './serving-services.ts';
import { onnxRuntimeLayer, type PlatformStackProps } from './stack-context.ts';

/** The prediction API, an endpoint for each model, and the rollouts that change what an endpoint serves. */
export class ServingStack extends Stack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    const { stage, definitions, data } = props;
    const deadLetters = new DeadLetters(this, 'DeadLetters', { stage, stackPart: 'serving', topic: data.alarmTopic });
    new CaptureStreams(this, 'Capture', { stage, definitions, data: data.data });
    if (stage.serverImageBuild === 'on') new ServerImage(this, 'ServerImage', { stage, bundles: props.bundles });
    const services = this.addApi(props);
    const rollout = new Workflow(this, 'CanaryRollout', {
      stage,
      name: canaryRolloutName(stage.name),
      definition: readDefinition('canary-rollout'),
      functions: addRolloutFunctions(this, props, services),
      substitutions: {},
      statements: [],
    });
    this.startOnApproval(props, rollout.stateMachineArn, deadLetters);
    addRollBack(this, props, { deadLetterQueue: deadLetters.queue, services });
    const reconcile = addReconcileServing(this, props, rollout.stateMachineArn, services).lambda;
    new Schedule(this, 'ReconcileSchedule', {
      name: `millrace-${stage.name}-reconcile-serving`,
      expression: 'rate(15 minutes)',
      description: 'Repairs endpoints that are not as the registry says',
      targetArn: reconcile.functionArn,
      roleArn: schedulerRole(this, 'SchedulerRole', {
        statements: [allow(['lambda:InvokeFunction'], [reconcile.functionArn])],
        deadLetterQueue: deadLetters.queue,
      }).roleArn,
      input: {},
      deadLetterQueue: deadLetters.queue,
    });
  }

  /** @returns what models on ECS are served by, where there are any */
  private addApi(props: PlatformStackProps): ServingServices | undefined {
    const { stage, definitions, data, bundles } = props;
    const api = new SignedApi(this, 'Api', {
      stage,
      name: 'predict',
      description: 'Open Inference Protocol, and labels of earlier predictions',
      errorTemplate: { contentType: 'application/json', body: '{"error":$context.error.messageString}' },
      binaryMediaTypes: ['application/octet-stream'],
      apiKeyRequired: stage.usagePlans.length > 0,
      firewall: stage.firewall,
      topic: data.alarmTopic,
    });
    const describeServer = addDescribeServer(this, props).lambda.functionArn;
    const recordGroundTruth = addRecordGroundTruth(this, props).lambda.functionArn;
    const layer = onnxRuntimeLayer(this, props);
    api.mayInvoke('DescribeServer', describeServer);
    api.mayInvoke('RecordGroundTruth', recordGroundTruth);
    // API Gateway does not fall back to a shorter path, so each level answers for what is unknown below it.
    for (const path of ['/', '/v2']) api.route(path, describeServer, { below: true });
    const services = addServingServices(this, props);
    const servesAny = stage.modelServer === 'on' ? services?.network.target : undefined;
    for (const path of ['/v2/models', '/models']) {
      api.route(path, describeServer, { below: servesAny === undefined });
      if (servesAny !== undefined) api.routeBelowPrivately(path, servesAny);
    }
    for (const definition of definitions) {
      const { name, deployment } = definition;
      if (services !== undefined && deployment.target === 'ecs') {
        for (const path of [`/v2/models/${name}`, `/models/${name}`]) api.routePrivately(path, services.network.target);
        api.route(`/models/${name}/ground-truth`, recordGroundTruth, { below: false });
        continue;
      }
      const id = pascalCase(name);
      const endpoint = new ModelEndpoint(this, id, {
        stage,
        bundles,
        definition,
        artifacts: data.artifacts,
        registry: data.registry,
        audit: data.audit,
        online: data.online,
        onnxRuntimeLayer: layer,
      });
      api.mayInvoke(id, endpoint.aliasArn);
      api.route(`/v2/models/${name}`, endpoint.aliasArn, { below: true });
      api.route(`/models/${name}`, endpoint.aliasArn, { below: true });
      api.route(`/models/${name}/ground-truth`, recordGroundTruth, { below: false });
    }
    for (const composition of props.compositions) {
      const { name } = composition;
      const { functionArn } = new CompositionEndpoint(this, pascalCase(name), { stage, bundles, composition });
      api.mayInvoke(pascalCase(name), functionArn);
      for (const path of [`/v2/models/${name}`, `/models/${name}`]) api.route(path, functionArn, { below: true });
    }
    const models = [...definitions, ...props.compositions].map(({ name }) => name);
    new UsagePlans(this, 'UsagePlans', { stage, api, models });
    new CfnOutput(this, 'PredictApiUrl', { value: api.url });
    return services;
  }

  /** An approval in the registry starts the rollout, and so does whoever asks for another. */
  private startOnApproval({ data }: PlatformStackProps, stateMachineArn: string, deadLetters: DeadLetters): void {
    const role = new Role(this, 'ApprovalRole', {
      description: 'EventBridge starts rollouts',
      assumedBy: new ServicePrincipal('events.amazonaws.com'),
      inlinePolicies: { start: policy([allow(['states:StartExecution'], [stateMachineArn])]) },
    });
    const [model, version] = [EventField.fromPath('$.detail.model'), EventField.fromPath('$.detail.version')];
    const principal = EventField.fromPath('$.detail.principal');
    const start = (detailType: EventType, input: Readonly<Record<string, unknown>> = {}) => ({
      eventBus: data.bus as IEventBus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [detailType] },
      targets: [
        eventTarget({
          arn: stateMachineArn,
          role,
          deadLetterQueue: deadLetters.queue,
          input: RuleTargetInput.fromObject({ model, version, kind: 'model', principal, ...input }),
        }),
      ],
    });
    new Rule(this, 'ModelVersionApproved', {
      description: 'An approved model version is rolled out',
      ...start('Model Version Approved'),
    });
    const [reason, requestId] = [EventField.fromPath('$.detail.reason'), EventField.fromPath('$.detail.requestId')];
    new Rule(this, 'RolloutRequested', {
      description: 'A version that was rolled out before is rolled out again when somebody asks',
      ...start('Rollout Requested', { asked: { by: principal, reason, requestId } }),
    });
  }
}

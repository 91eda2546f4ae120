import { Stack } from 'aws-cdk-lib';
import { type IEventBus, Rule, type RuleProps } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { datasetPrefix } from '../../../shared/contracts/artifacts.ts';
import { EVENT_SOURCE } from '../../../shared/contracts/events.ts';
import { alarmName } from '../../../shared/contracts/metric-names.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { reproductionName, scheduleGroupName, trainingPipelineName } from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import { BatchQueues } from '../constructs/batch-queues.ts';
import { DeadLetters } from '../constructs/dead-letters.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { SCHEDULED_TIME, Schedule, schedulerRole } from '../constructs/schedule.ts';
import { trainerOf } from '../constructs/trainer.ts';
import { readDefinition, Workflow } from '../constructs/workflow.ts';
import { functionName, pascalCase } from '../names.ts';
import { allow } from '../permissions.ts';
import { addBatchScoring } from './batch-scoring.ts';
import { addModelUpload } from './model-upload.ts';
import { addOnlineFeatures } from './online-features.ts';
import type { PlatformStackProps } from './stack-context.ts';
import {
  addPipelineFunctions,
  addReproductionFunctions,
  addRequestTraining,
  type PipelineFunctions,
  type ReproductionFunctions,
} from './training-functions.ts';

/** A pipeline for each model, and everything that may start one: schedules, drift, new data, a person. */
export class TrainingStack extends Stack {
  private readonly props: PlatformStackProps;
  private batchQueues: BatchQueues | undefined;

  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    this.props = props;
    const { stage, definitions, data } = props;
    const deadLetters = new DeadLetters(this, 'DeadLetters', { stage, stackPart: 'training', topic: data.alarmTopic });
    const functions = { ...addPipelineFunctions(this, props), ...addReproductionFunctions(this, props) };
    addModelUpload(this, props, { functions, deadLetterQueue: deadLetters.queue });
    addBatchScoring(this, props);
    const role = schedulerRole(this, 'SchedulerRole', {
      // By name: the function's own environment names this role.
      statements: [
        allow(
          ['lambda:InvokeFunction'],
          [arnOf(this, 'lambda', `function:${functionName(stage.name, 'request-training')}`)],
        ),
      ],
      deadLetterQueue: deadLetters.queue,
    });
    const requestTraining = addRequestTraining(this, props, {
      deadLetterQueue: deadLetters.queue,
      schedulerRole: role,
    });
    const group = new CfnScheduleGroup(this, 'ScheduleGroup', { name: scheduleGroupName(stage.name) });
    for (const definition of definitions) {
      const pipeline = this.addPipeline(definition, functions);
      const { schedule, maxAgeDays } = definition.retraining;
      const addSchedule = (id: string, kind: 'schedule' | 'staleness', expression: string): Schedule =>
        new Schedule(pipeline, id, {
          name: `${kind === 'schedule' ? 'train' : 'age'}-${definition.name}`,
          groupName: group.ref,
          expression,
          description:
            kind === 'schedule' ? `Trains ${definition.name}` : `Asks whether ${definition.name} has grown too old`,
          targetArn: requestTraining.lambda.functionArn,
          roleArn: role.roleArn,
          input: { kind, model: definition.name, scheduledAt: SCHEDULED_TIME },
          deadLetterQueue: deadLetters.queue,
        });
      if (schedule !== undefined) addSchedule('Schedule', 'schedule', schedule);
      if (maxAgeDays !== undefined) addSchedule('Age', 'staleness', 'rate(1 day)');
    }
    this.addRules(requestTraining, deadLetters);
    addOnlineFeatures(this, props, deadLetters.queue);
  }

  private addPipeline(definition: ModelDefinition, functions: PipelineFunctions & ReproductionFunctions): Workflow {
    const { stage, data } = this.props;
    const scope = new Construct(this, pascalCase(definition.name));
    const trainer = trainerOf(scope, {
      stage,
      definition,
      artifacts: data.artifacts,
      trainModel: functions['train-model'],
      batchQueues: () => {
        this.batchQueues ??= new BatchQueues(this, 'BatchQueues', stage);
        return this.batchQueues;
      },
    });
    const {
      'train-model': _trainModel,
      'prepare-reproduction': prepare,
      'compare-reproduction': compare,
      ...always
    } = functions;
    const { State: train } = readDefinition<{ readonly State: unknown }>(`train/${trainer.fragment}`);
    const addWorkflow = (
      id: string,
      file: string,
      own: { readonly name: string; readonly functions: Readonly<Record<string, PlatformFunction>> },
    ): Workflow => {
      const workflow = readDefinition(file);
      return new Workflow(scope, id, {
        stage,
        name: own.name,
        definition: { ...workflow, States: { ...workflow.States, Train: train } },
        functions: { ...own.functions, ...trainer.functions },
        substitutions: { ModelName: definition.name, ...trainer.substitutions },
        statements: trainer.statements,
      });
    };
    addWorkflow('Reproduction', 'reproduction', {
      name: reproductionName(stage.name, definition.name),
      functions: {
        'prepare-reproduction': prepare,
        'compare-reproduction': compare,
        'build-features': functions['build-features'],
        'collect-model': functions['collect-model'],
      },
    });
    return addWorkflow('Pipeline', 'training-pipeline', {
      name: trainingPipelineName(stage.name, definition.name),
      functions: always,
    });
  }

  private addRules(requestTraining: PlatformFunction, deadLetters: DeadLetters): void {
    const { stage, definitions, data } = this.props;
    const addRule = (id: string, props: RuleProps): void => {
      const target = new LambdaFunction(requestTraining.lambda, {
        deadLetterQueue: deadLetters.queue,
        retryAttempts: 24,
      });
      new Rule(this, id, { ...props, targets: [target] });
    };
    addRule('DriftAlarm', {
      description: 'A drift alarm rings',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ wildcard: alarmName(stage.name, '*', 'drift') }], state: { value: ['ALARM'] } },
      },
    });
    addRule('TrainingRequested', {
      description: 'A person asks for training',
      eventBus: data.bus as IEventBus,
      eventPattern: { source: [EVENT_SOURCE], detailType: ['Training Requested'] },
    });
    const judged = definitions.filter(({ retraining }) => retraining.onQuality).map(({ name }) => name);
    if (judged.length > 0) {
      addRule('QualityDegraded', {
        description: 'The quality of a model that retrains by it is found degraded',
        eventBus: data.bus as IEventBus,
        eventPattern: { source: [EVENT_SOURCE], detailType: ['Quality Degraded'], detail: { model: judged } },
      });
    }
    const datasets = new Set(definitions.filter(({ retraining }) => retraining.onNewData).map((d) => d.data.dataset));
    if (datasets.size > 0) {
      addRule('NewData', {
        description: 'An object of a dataset arrives',
        eventPattern: {
          source: ['aws.s3'],
          detailType: ['Object Created'],
          detail: {
            bucket: { name: [data.data.bucket.bucketName] },
            object: { key: [...datasets].toSorted().map((dataset) => ({ prefix: datasetPrefix(dataset) })) },
          },
        },
      });
    }
  }
}

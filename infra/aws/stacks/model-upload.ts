import { type IEventBus, Rule, type RuleProps } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../../shared/contracts/events.ts';
import { modelUploadName } from '../../../shared/contracts/names.ts';
import { DEFAULT_WORKSPACE } from '../../../shared/contracts/registry.ts';
import { readDefinition, Workflow } from '../constructs/workflow.ts';
import { allow, listObjects, readObjects, useItems, writeObjects } from '../permissions.ts';
import { functionAdder, onnxRuntimeLayer, type PlatformStackProps } from './stack-context.ts';
import type { PipelineFunctions } from './training-functions.ts';

/** A model's bytes, the file that is inspected, and the runtime's copy of it. */
const CHECK_WORK = { memoryMb: 3_008, timeoutSeconds: 300 };

interface Parts {
  readonly functions: PipelineFunctions;
  readonly deadLetterQueue: IQueue;
}

/**
 * How a model that was trained elsewhere comes in: one workflow for all models, of the pipelines' own steps. Started for
 * an upload by its submission, and for a client's version by its registration or by whoever asks again.
 */
export const addModelUpload = (scope: Construct, props: PlatformStackProps, parts: Parts): Workflow => {
  const { stage, data } = props;
  const { artifacts, registry } = data;
  const { functions } = parts;
  const checkUpload = functionAdder(scope, props)('check-upload', {
    description: 'Checks a model that was trained elsewhere, and runs it on a few rows',
    environment: { ARTIFACT_BUCKET: artifacts.bucket.bucketName, REGISTRY_TABLE: registry.table.tableName },
    statements: [
      // What a client logged to the default workspace, or registered anew from a version of ours.
      ...readObjects(artifacts, 'uploads/', `tracking/${DEFAULT_WORKSPACE}/artifacts/`, 'models/'),
      ...writeObjects(artifacts, 'uploads/', 'runs/'),
      ...listObjects(artifacts),
      ...useItems(registry, 'GetItem'),
    ],
    layers: [onnxRuntimeLayer(scope, props)],
    ...CHECK_WORK,
  });
  const workflow = new Workflow(scope, 'ModelUpload', {
    stage,
    name: modelUploadName(stage.name),
    definition: readDefinition('model-upload'),
    functions: {
      'check-upload': checkUpload,
      'record-run': functions['record-run'],
      'snapshot-data': functions['snapshot-data'],
      'build-features': functions['build-features'],
      'evaluate-model': functions['evaluate-model'],
      'profile-model': functions['profile-model'],
      'register-model-version': functions['register-model-version'],
      'decide-approval': functions['decide-approval'],
    },
    substitutions: {},
    statements: [],
  });
  addRequestPackaging(scope, props, { workflow, deadLetterQueue: parts.deadLetterQueue });
  return workflow;
};

/** The one door to the workflow for events. */
const addRequestPackaging = (
  scope: Construct,
  props: PlatformStackProps,
  { workflow, deadLetterQueue }: Pick<Parts, 'deadLetterQueue'> & { readonly workflow: Workflow },
): void => {
  const { definitions, data } = props;
  const { stateMachineArn } = workflow;
  const { lambda } = functionAdder(scope, props)('request-packaging', {
    description: 'Decides whether a registered or submitted model is taken in, and starts that once',
    environment: { REGISTRY_TABLE: data.registry.table.tableName, STATE_MACHINE_ARN: stateMachineArn },
    statements: [...useItems(data.registry, 'GetItem'), allow(['states:StartExecution'], [stateMachineArn])],
    deadLetterQueue,
  });
  const addRule = (id: string, rule: RuleProps): void => {
    const targets = [new LambdaFunction(lambda, { deadLetterQueue, retryAttempts: 24 })];
    new Rule(scope, id, { eventBus: data.bus as IEventBus, ...rule, targets });
  };
  addRule('PackagingRequested', {
    description: 'A model is submitted, or somebody asks for a package of a client’s version',
    eventPattern: { source: [EVENT_SOURCE], detailType: ['Packaging Requested'] },
  });
  const name = definitions.map((definition) => definition.name).toSorted();
  if (name.length === 0) return;
  addRule('VersionRegistered', {
    description: 'An MLflow client registers a version of a model that is defined here',
    eventPattern: {
      source: [EVENT_SOURCE],
      detailType: ['Registry Changed'],
      detail: { workspace: [DEFAULT_WORKSPACE], entity: ['model_version'], action: ['created'], data: { name } },
    },
  });
};

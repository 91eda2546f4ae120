import type { Construct } from 'constructs';
import { modelUploadName } from '../../../shared/contracts/names.ts';
import { readDefinition, Workflow } from '../constructs/workflow.ts';
import { readObjects, writeObjects } from '../permissions.ts';
import { functionAdder, onnxRuntimeLayer, type PlatformStackProps } from './stack-context.ts';
import type { PipelineFunctions } from './training-functions.ts';

/** A model's bytes, the file that is inspected, and the runtime's copy of it. */
const CHECK_WORK = { memoryMb: 3_008, timeoutSeconds: 300 };

/** How a model that was trained elsewhere comes in: one workflow for all models, of the pipelines' own steps. */
export const addModelUpload = (scope: Construct, props: PlatformStackProps, functions: PipelineFunctions): Workflow => {
  const { stage, data } = props;
  const { artifacts } = data;
  const checkUpload = functionAdder(scope, props)('check-upload', {
    description: 'Checks a model that was trained elsewhere, and runs it on a few rows',
    environment: { ARTIFACT_BUCKET: artifacts.bucket.bucketName },
    statements: [...readObjects(artifacts, 'uploads/'), ...writeObjects(artifacts, 'runs/')],
    layers: [onnxRuntimeLayer(scope, props)],
    ...CHECK_WORK,
  });
  return new Workflow(scope, 'ModelUpload', {
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
};

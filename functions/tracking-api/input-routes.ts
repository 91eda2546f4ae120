import { missingParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import {
  activeRun,
  addModelInputs,
  addModelOutputs,
  appendToModelHistory,
  MODEL_HISTORY_TAG,
  prepareDatasetInputs,
} from '../../shared/core/tracking/index.ts';
import { decodeDatasetInput, runIdOf } from './decode-tracking.ts';
import { knownRun } from './known-run.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';

/** What a run read and made: datasets and logged models. */

const logInputs = async ({ input, ports: { tracking } }: MlflowCall): Promise<MlflowAnswer> => {
  const runId = runIdOf(input);
  const datasets = prepareDatasetInputs(input.objects('datasets').map(decodeDatasetInput));
  const models = input.objects('models').map((model) => ({ modelId: model.requiredText('model_id') }));
  if (models.length > 0) await tracking.changeRun(runId, (run) => ({ run: addModelInputs(run, models) }));
  else activeRun(await knownRun(tracking, runId));
  if (datasets.length > 0) await tracking.addDatasetInputs(runId, datasets);
  return {};
};

const logOutputs = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const runId = runIdOf(input);
  if (!input.has('models')) throw missingParameter('models');
  const models = input
    .objects('models')
    .map((model) => ({ modelId: model.requiredText('model_id'), step: model.integer('step') ?? 0 }));
  await ports.tracking.changeRun(runId, (run) => ({ run: addModelOutputs(run, models) }));
  return {};
};

/** How clients before MLflow 3 tell of a model. */
const logModel = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const runId = runIdOf(input);
  const modelJson = input.requiredText('model_json');
  await ports.tracking.changeRun(runId, (given) => {
    const run = activeRun(given);
    const history = Object.hasOwn(run.tags, MODEL_HISTORY_TAG) ? run.tags[MODEL_HISTORY_TAG] : undefined;
    return { run: { ...run, tags: { ...run.tags, [MODEL_HISTORY_TAG]: appendToModelHistory(history, modelJson) } } };
  });
  return {};
};

export const inputRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: '/2.0/mlflow/runs/log-inputs', handle: logInputs },
  { method: 'POST', path: '/2.0/mlflow/runs/outputs', handle: logOutputs },
  { method: 'POST', path: '/2.0/mlflow/runs/log-model', handle: logModel },
];

import { encodeKeyValues, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import {
  describePackaging,
  type ModelVersion,
  type RegisteredModel,
  shownRunId,
} from '../../shared/core/registry/index.ts';
import { compareTexts } from '../../shared/core/tracking/index.ts';
import type { MlflowAnswer } from './mlflow-route.ts';

const filled = (name: string, text: string | undefined): MlflowAnswer =>
  text === undefined || text === '' ? {} : { [name]: text };

const aliasesOf = ({ aliases }: Pick<RegisteredModel, 'aliases'>, version: number): readonly string[] =>
  Object.keys(aliases)
    .filter((alias) => aliases[alias] === version)
    .sort(compareTexts);

/**
 * A version as MLflow's API shows it. Its files are where `source` says from the start, so it is always READY: clients
 * wait for nothing else, and a version without a package of ours is whole to them. How that stands is the status message.
 */
export const encodeModelVersion = (version: ModelVersion, model: Pick<RegisteredModel, 'aliases'>): MlflowAnswer => ({
  name: version.model,
  version: String(version.version),
  creation_timestamp: version.registeredAtMs,
  last_updated_timestamp: version.updatedAtMs,
  current_stage: version.stage,
  ...filled('description', version.description),
  source: version.source,
  ...filled('run_id', shownRunId(version)),
  status: 'READY',
  ...filled('status_message', describePackaging(version)),
  ...listed('tags', encodeKeyValues(version.tags)),
  ...listed('aliases', aliasesOf(model, version.version)),
  ...filled('user_id', version.userId),
  ...filled('run_link', version.runLink),
  ...filled('model_id', version.modelId),
});

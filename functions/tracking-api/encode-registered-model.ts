import { encodeKeyValues, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { ModelVersion, RegisteredModel } from '../../shared/core/registry/index.ts';
import { compareTexts } from '../../shared/core/tracking/index.ts';
import { encodeModelVersion } from './encode-model-version.ts';
import type { MlflowAnswer } from './mlflow-route.ts';

/** A registered model as MLflow's API shows it, with the latest version of each stage. */
export const encodeRegisteredModel = (model: RegisteredModel, latest: readonly ModelVersion[]): MlflowAnswer => {
  const { createdAtMs, updatedAtMs, description } = model;
  const aliases = Object.entries(model.aliases)
    .map(([alias, version]) => ({ alias, version: String(version) }))
    .sort((a, b) => compareTexts(a.alias, b.alias));
  return {
    name: model.model,
    ...(createdAtMs === undefined ? {} : { creation_timestamp: createdAtMs }),
    ...(updatedAtMs === undefined ? {} : { last_updated_timestamp: updatedAtMs }),
    ...(description === '' ? {} : { description }),
    ...listed(
      'latest_versions',
      // What versions are called by here, their own answers say.
      latest.map((version) => encodeModelVersion(version, { aliases: {} })),
    ),
    ...listed('tags', encodeKeyValues(model.tags)),
    ...listed('aliases', aliases),
  };
};

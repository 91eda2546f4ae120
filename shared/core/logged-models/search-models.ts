import {
  type DatasetChoice,
  type Field,
  type Filter,
  type ListPage,
  type LoggedModel,
  type LoggedModelMetric,
  matcherOf,
  type OrderBy,
  searchList,
} from '../tracking/index.ts';
import { newestMetric } from './merge-metrics.ts';

type AttributeValue = number | string | undefined;

const ATTRIBUTES: Readonly<Record<string, (model: LoggedModel) => AttributeValue>> = {
  name: ({ name }) => name,
  model_id: ({ modelId }) => modelId,
  model_type: ({ modelType }) => modelType,
  status: ({ status }) => status,
  source_run_id: ({ sourceRunId }) => sourceRunId,
  creation_timestamp: ({ createdAtMs }) => createdAtMs,
  last_updated_timestamp: ({ updatedAtMs }) => updatedAtMs,
};

const own = <T>(values: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined;

const isOf = ({ datasetName, datasetDigest }: LoggedModelMetric, wanted: DatasetChoice): boolean =>
  (wanted.datasetName === undefined || datasetName === wanted.datasetName) &&
  (wanted.datasetDigest === undefined || datasetDigest === wanted.datasetDigest);

/** A metric's value is the newest one on the dataset; NaN counts as none, as in MLflow's database. */
const readModel = (model: LoggedModel, { kind, key }: Field, dataset: DatasetChoice = {}): AttributeValue => {
  if (kind === 'attribute') return own(ATTRIBUTES, key)?.(model);
  if (kind === 'param') return own(model.params, key);
  if (kind === 'tag') return own(model.tags, key);
  const value = newestMetric(model, (metric) => metric.key === key && isOf(metric, dataset))?.value;
  return value === undefined || Number.isNaN(value) ? undefined : value;
};

/** The run that a filter asks for as the models' source: those of one run are found without reading the experiment's. */
export const sourceRunOf = (filter: Filter): string | undefined => {
  const clause = filter.find(
    ({ field, comparator }) => field.kind === 'attribute' && field.key === 'source_run_id' && comparator === '=',
  );
  return typeof clause?.value === 'string' ? clause.value : undefined;
};

export interface LoggedModelSearch {
  readonly models: readonly LoggedModel[];
  readonly filter: Filter;
  /** Metrics count on these only; none are all. Without a clause on metrics a model needs any metric on one of them. */
  readonly datasets: readonly DatasetChoice[];
  readonly orderBy: readonly OrderBy[];
  readonly maxResults: number;
  readonly pageToken?: string;
  readonly experimentIds: readonly string[];
}

/**
 * One page of logged models. A clause on a metric holds when it holds for any run and any
 * of the datasets.
 * @throws InvalidRequestError for a page token of another search.
 */
export const searchLoggedModels = (search: LoggedModelSearch): ListPage<LoggedModel> => {
  const { models, filter, datasets, experimentIds, ...rest } = search;
  const onMetrics = filter.filter(({ field }) => field.kind === 'metric');
  const tests = onMetrics.map((clause) => ({
    key: clause.field.key,
    holds: matcherOf([clause], ({ value }: LoggedModelMetric) => value),
  }));
  const counts = (metric: LoggedModelMetric): boolean =>
    datasets.length === 0 || datasets.some((dataset) => isOf(metric, dataset));
  const accepts = ({ metrics }: LoggedModel): boolean =>
    onMetrics.length === 0
      ? datasets.length === 0 || metrics.some(counts)
      : tests.every(({ key, holds }) =>
          metrics.some((metric) => metric.key === key && counts(metric) && holds(metric)),
        );
  return searchList({
    ...rest,
    entities: models.filter(accepts),
    readField: readModel,
    filter: filter.filter(({ field }) => field.kind !== 'metric'),
    scope: [experimentIds, datasets, onMetrics],
  });
};

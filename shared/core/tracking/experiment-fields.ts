import type { Experiment } from './run.ts';
import type { ReadField } from './search/field-value.ts';
import { type ListPage, searchList } from './search/search-list.ts';
import type { Filter, OrderBy, ViewType } from './search.ts';
import { isInView } from './view.ts';

/** Ids are decimal digits and stand by their number. */
const ID_DIGITS = 20;

/** What an experiment has in a field of filters and orders. */
export const experimentValue: ReadField<Experiment> = (experiment, { kind, key }) => {
  if (kind === 'tag') return Object.hasOwn(experiment.tags, key) ? experiment.tags[key] : undefined;
  if (kind !== 'attribute') return undefined;
  const attributes: Readonly<Record<string, number | string>> = {
    name: experiment.name,
    experiment_id: experiment.experimentId.padStart(ID_DIGITS, '0'),
    creation_time: experiment.createdAtMs,
    last_update_time: experiment.updatedAtMs,
  };
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
};

export interface ExperimentSearch {
  /** All of the workspace. */
  readonly experiments: readonly Experiment[];
  readonly filter: Filter;
  readonly orderBy: readonly OrderBy[];
  readonly view: ViewType;
  readonly maxResults: number;
  readonly pageToken?: string;
}

/** One page of experiments. @throws InvalidRequestError for a bad token. */
export const searchExperiments = ({ experiments, view, ...search }: ExperimentSearch): ListPage<Experiment> =>
  searchList({
    ...search,
    entities: experiments.filter(({ lifecycleStage }) => isInView(lifecycleStage, view)),
    readField: experimentValue,
    scope: ['experiments', view],
  });

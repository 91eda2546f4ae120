import { RUN_TIES } from './filter/runs.ts';
import type { Run, RunInfo } from './run.ts';
import type { FieldValue, ReadField } from './search/field-value.ts';
import { matcherOf } from './search/match-filter.ts';
import { comparePositions, positionOf, withTies } from './search/order.ts';
import type { Field, Filter, OrderBy } from './search.ts';

/** Where a dataset's context stands among the tags of its input. */
const CONTEXT_TAG = 'mlflow.data.context';

const own = <Value>(values: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined;

const ATTRIBUTES: Readonly<Record<string, (info: RunInfo) => number | string | undefined>> = {
  run_id: ({ runId }) => runId,
  run_name: ({ runName }) => runName,
  status: ({ status }) => status,
  artifact_uri: ({ artifactUri }) => artifactUri,
  user_id: ({ userId }) => userId,
  start_time: ({ startTimeMs }) => startTimeMs,
  end_time: ({ endTimeMs }) => endTimeMs,
};

/** An attribute of a run, which its header has already. */
export const runAttribute = (info: RunInfo, { key }: Field): number | string | undefined =>
  own(ATTRIBUTES, key)?.(info);

const datasetValues = ({ datasetInputs }: Run, key: string): readonly string[] =>
  datasetInputs.flatMap(({ name, digest, tags }) => {
    const value = key === 'name' ? name : key === 'digest' ? digest : own(tags, CONTEXT_TAG);
    return value === undefined ? [] : [value];
  });

/** What a run has in a field of filters and orders. */
export const runValue: ReadField<Run> = (run: Run, field: Field): FieldValue => {
  switch (field.kind) {
    case 'attribute':
      return runAttribute(run.info, field);
    case 'metric':
      return own(run.metrics, field.key)?.value;
    case 'param':
      return own(run.params, field.key);
    case 'tag':
      return own(run.tags, field.key);
    case 'dataset':
      return datasetValues(run, field.key);
    case 'metadata':
      return undefined;
  }
};

/** True when a run satisfies every clause. */
export const matchesRun = (run: Run, filter: Filter): boolean => matcherOf(filter, runValue)(run);

/** A total order of runs: equals stand by start time, newest first, then by id. */
export const compareRuns = (orderBy: readonly OrderBy[]): ((a: Run, b: Run) => number) => {
  const order = withTies(orderBy, RUN_TIES);
  return (a, b) => comparePositions(order, positionOf(order, runValue, a), positionOf(order, runValue, b));
};

import { ANSWER_LIMIT_BYTES, answerBytes, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import { invalidParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import {
  type DatasetInput,
  parseRunFilter,
  parseRunOrderBy,
  type Run,
  searchRuns,
} from '../../shared/core/tracking/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { checkExperimentId, filledText, maxResultsOf, viewTypeOf } from './decode-tracking.ts';
import { encodeRun } from './encode-run.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';

/** Searching runs, and the datasets that runs used. */

const DEFAULT_MAX_RESULTS = 1_000;
const MOST_RUNS = 50_000;
const MOST_EXPERIMENTS = 1_000;

const maxResults = (input: MlflowCall['input']): number => {
  const asked = input.integer('max_results');
  if (asked !== undefined && asked > MOST_RUNS) throw invalidParameter('max_results', asked);
  return maxResultsOf(input, { absent: DEFAULT_MAX_RESULTS, most: MOST_RUNS });
};

/** A page ends before the run that the answer has no room for, and when time is short; the token leads on. */
const search = async ({ input, ports, timeIsShort }: MlflowCall): Promise<MlflowAnswer> => {
  const pageToken = filledText(input, 'page_token');
  const experimentIds = input.texts('experiment_ids').map(checkExperimentId);
  if (experimentIds.length > MOST_EXPERIMENTS) {
    throw new InvalidRequestError(
      `a search takes at most ${MOST_EXPERIMENTS} experiment_ids, got ${experimentIds.length}`,
    );
  }
  const encoded: object[] = [];
  let bytes = 0;
  const fits = (run: Run): boolean => {
    const message = encodeRun(run);
    bytes += answerBytes(message) + 1;
    if (bytes > ANSWER_LIMIT_BYTES && encoded.length > 0) return false;
    encoded.push(message);
    return true;
  };
  const { nextPageToken } = await searchRuns({
    index: ports.tracking.index,
    experimentIds,
    filter: parseRunFilter(input.text('filter')),
    orderBy: parseRunOrderBy(input.texts('order_by')),
    view: viewTypeOf(input, 'run_view_type'),
    maxResults: maxResults(input),
    ...(pageToken === undefined ? {} : { pageToken }),
    deadline: timeIsShort,
    fits,
  });
  return {
    ...listed('runs', encoded),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
  };
};

const MOST_DATASET_EXPERIMENTS = 20;
const MOST_SUMMARIES = 1_000;
/** Of each call, newest first: what the UI offers to filter by. */
const MOST_RUNS_READ = 2_000;
const RUNS_AT_ONCE = 200;
const CONTEXT_TAG = 'mlflow.data.context';

const summaryOf = (experimentId: string, { name, digest, tags }: DatasetInput): object => ({
  experiment_id: experimentId,
  name,
  digest,
  ...(Object.hasOwn(tags, CONTEXT_TAG) ? { context: tags[CONTEXT_TAG] } : {}),
});

const datasetExperiments = (input: MlflowCall['input']): readonly string[] => {
  const experimentIds = input.texts('experiment_ids');
  if (experimentIds.length === 0) {
    throw new InvalidRequestError('SearchDatasets request must specify at least one experiment_id.');
  }
  if (experimentIds.length > MOST_DATASET_EXPERIMENTS) {
    throw new InvalidRequestError(
      `SearchDatasets request cannot specify more than ${MOST_DATASET_EXPERIMENTS} experiment_ids. Received ${experimentIds.length} experiment_ids.`,
    );
  }
  return experimentIds.map(checkExperimentId);
};

/** Each dataset of the experiments with each of its contexts once, of the 2,000 newest runs. */
const searchDatasets = async ({ input, ports, timeIsShort }: MlflowCall): Promise<MlflowAnswer> => {
  const request = {
    index: ports.tracking.index,
    experimentIds: datasetExperiments(input),
    filter: [],
    orderBy: [],
    view: 'ALL',
    maxResults: RUNS_AT_ONCE,
  } as const;
  const summaries = new Map<string, object>();
  let pageToken: string | undefined;
  let readCount = 0;
  do {
    const page = await searchRuns({ ...request, ...(pageToken === undefined ? {} : { pageToken }) });
    for (const { info, datasetInputs } of page.runs) {
      for (const summary of datasetInputs.map((dataset) => summaryOf(info.experimentId, dataset))) {
        summaries.set(JSON.stringify(summary), summary);
      }
    }
    readCount += page.runs.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && summaries.size < MOST_SUMMARIES && readCount < MOST_RUNS_READ && !timeIsShort());
  return listed('dataset_summaries', [...summaries.values()].slice(0, MOST_SUMMARIES));
};

export const runSearchRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: '/2.0/mlflow/runs/search', handle: search },
  { method: 'POST', path: '/2.0/mlflow/experiments/search-datasets', handle: searchDatasets },
  // Spelt so by MLflow 3.6, whose UI asks the path above.
  { method: 'POST', path: '/2.0mlflow/experiments/search-datasets', handle: searchDatasets },
];

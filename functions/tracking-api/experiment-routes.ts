import { listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import type { Fields } from '../../shared/contracts/http/mlflow/fields.ts';
import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  newExperimentId,
  parseExperimentFilter,
  parseExperimentOrderBy,
  refuseClimbingQuery,
  renameExperiment,
  restoreExperiment,
  searchExperiments,
  setExperimentTag,
} from '../../shared/core/tracking/index.ts';
import { AlreadyExistsError, NotFoundError, UnavailableError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import { decodeKeyValue, experimentIdOf, filledText, maxResultsOf, viewTypeOf } from './decode-tracking.ts';
import { encodeExperiment } from './encode-experiment.ts';
import { fittingCount } from './fitting-count.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';

/** Experiments: what runs stand in. */

const MOST_EXPERIMENTS = 50_000;
const ID_ATTEMPTS = 5;

const create = async ({ input, ports, nowMs, newId }: MlflowCall): Promise<MlflowAnswer> => {
  const name = input.requiredText('name');
  const artifactLocation = filledText(input, 'artifact_location');
  if (artifactLocation !== undefined) refuseClimbingQuery(artifactLocation);
  const tags = input.objects('tags').map(decodeKeyValue);
  for (let attempt = 1; ; attempt += 1) {
    const experimentId = newExperimentId(nowMs, newId());
    const location = artifactLocation === undefined ? {} : { artifactLocation };
    const experiment = createExperiment({ experimentId, name, ...location, tags, createdAtMs: nowMs });
    try {
      await ports.tracking.createExperiment(experiment);
      return { experiment_id: experimentId };
    } catch (error) {
      // Ids are short enough to be read out, so two of one millisecond may meet: then the name is still free.
      const isTaken = error instanceof AlreadyExistsError && attempt < ID_ATTEMPTS;
      if (!isTaken || (await ports.tracking.findExperiment(name)) !== undefined) throw error;
    }
  }
};

const get = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => ({
  experiment: encodeExperiment(await ports.tracking.getExperiment(experimentIdOf(input))),
});

const getByName = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const name = input.requiredText('experiment_name');
  const experiment = await ports.tracking.findExperiment(name);
  if (experiment === undefined) throw new NotFoundError(`Could not find experiment with name '${shorten(name, 500)}'`);
  return { experiment: encodeExperiment(experiment) };
};

const update = async ({ input, ports, nowMs }: MlflowCall): Promise<MlflowAnswer> => {
  const experimentId = experimentIdOf(input);
  const name = input.requiredText('new_name');
  await ports.tracking.changeExperiment(experimentId, (experiment) => renameExperiment(experiment, name, nowMs));
  return {};
};

/**
 * Runs first, then the experiment: whoever dies in between left it active, so the client's retry does the rest. Once it
 * is deleted no run can be created in it; those that were while the first pass went on are found by the second.
 */
const remove = async ({ input, ports: { tracking }, nowMs, timeIsShort }: MlflowCall): Promise<MlflowAnswer> => {
  const experimentId = experimentIdOf(input);
  deleteExperiment(await tracking.getExperiment(experimentId), nowMs);
  await tracking.setLifecycleOfRuns(experimentId, 'deleted', nowMs);
  if (timeIsShort()) throw new UnavailableError(`the runs of experiment ${experimentId} are deleted, call again`);
  await tracking.changeExperiment(experimentId, (experiment) => deleteExperiment(experiment, nowMs));
  await tracking.setLifecycleOfRuns(experimentId, 'deleted', nowMs);
  return {};
};

/** Runs first here too: until the experiment is active the client's retry may do it all again. */
const restore = async ({ input, ports: { tracking }, nowMs }: MlflowCall): Promise<MlflowAnswer> => {
  const experimentId = experimentIdOf(input);
  restoreExperiment(await tracking.getExperiment(experimentId), nowMs);
  await tracking.setLifecycleOfRuns(experimentId, 'active', nowMs);
  await tracking.changeExperiment(experimentId, (experiment) => restoreExperiment(experiment, nowMs));
  return {};
};

const setTag = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const experimentId = experimentIdOf(input);
  const tag = decodeKeyValue(input);
  await ports.tracking.changeExperiment(experimentId, (experiment) => setExperimentTag(experiment, tag));
  return {};
};

const deleteTag = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const experimentId = experimentIdOf(input);
  const key = input.requiredText('key');
  await ports.tracking.changeExperiment(experimentId, (experiment) => deleteExperimentTag(experiment, key));
  return {};
};

const searchOf = (input: Fields) => {
  const pageToken = filledText(input, 'page_token');
  return {
    maxResults: maxResultsOf(input, { absent: 0, most: MOST_EXPERIMENTS }),
    filter: parseExperimentFilter(input.text('filter')),
    orderBy: parseExperimentOrderBy(input.texts('order_by')),
    view: viewTypeOf(input, 'view_type'),
    ...(pageToken === undefined ? {} : { pageToken }),
  };
};

/** A page that does not fit into one answer is cut: the rest comes with its token. */
const search = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const request = searchOf(input);
  const experiments = await ports.tracking.listExperiments();
  const page = searchExperiments({ experiments, ...request });
  const encoded = page.entities.map(encodeExperiment);
  const count = fittingCount(encoded);
  const { nextPageToken } =
    count === encoded.length ? page : searchExperiments({ experiments, ...request, maxResults: count });
  return {
    ...listed('experiments', encoded.slice(0, count)),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
  };
};

const EXPERIMENTS = '/2.0/mlflow/experiments';

export const experimentRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: `${EXPERIMENTS}/create`, handle: create },
  { method: 'GET', path: `${EXPERIMENTS}/get`, handle: get },
  { method: 'GET', path: `${EXPERIMENTS}/get-by-name`, handle: getByName },
  { method: 'POST', path: `${EXPERIMENTS}/search`, handle: search },
  { method: 'GET', path: `${EXPERIMENTS}/search`, handle: search },
  { method: 'POST', path: `${EXPERIMENTS}/update`, handle: update },
  { method: 'POST', path: `${EXPERIMENTS}/delete`, handle: remove },
  { method: 'POST', path: `${EXPERIMENTS}/restore`, handle: restore },
  { method: 'POST', path: `${EXPERIMENTS}/set-experiment-tag`, handle: setTag },
  { method: 'POST', path: `${EXPERIMENTS}/delete-experiment-tag`, handle: deleteTag },
];

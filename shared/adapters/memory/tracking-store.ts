import type { DatasetInput, Experiment, Field, MetricPoint, Run, RunInfo } from '../../core/tracking/index.ts';
import { AlreadyExistsError, InvalidRequestError, NotFoundError } from '../../kernel/errors.ts';
import type { IndexEntry, IndexRange, RunIndex, TrackingStore } from '../../ports/tracking-store.ts';

/** What a test may plant in the indexes, such as a busy store would leave there. */
export interface MemoryIndexFaults {
  /** Runs whose metrics are in no index. */
  readonly isHot?: (run: Run) => boolean;
  /** Entries that are true no more. */
  readonly staleEntries?: (experimentId: string, field: Field) => readonly IndexEntry[];
  /** Fields with an index. @default metrics, params, tags, datasets and the start time */
  readonly keeps?: (field: Field) => boolean;
}

interface State {
  readonly experiments: Map<string, Experiment>;
  readonly runs: Map<string, Run>;
  /** Points by their id within a run, by run. */
  readonly points: Map<string, Map<string, MetricPoint>>;
}

const INDEXED_BYTES = 600;

const found = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new NotFoundError(what);
  return value;
};

const experimentOf = (state: State, experimentId: string): Experiment =>
  found(state.experiments.get(experimentId), `No Experiment with id=${experimentId} exists`);

const runOf = (state: State, runId: string): Run => found(state.runs.get(runId), `Run with id=${runId} not found`);

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Numbers, NaN after all of them; texts by their UTF-8 bytes. */
const compareValues = (a: number | string, b: number | string, ascending: boolean): number => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  const compared = typeof a === 'number' ? a - Number(b) : compareBytes(a, String(b));
  return ascending ? compared : -compared;
};

const compareEntries =
  (ascending: boolean) =>
  (a: IndexEntry, b: IndexEntry): number =>
    compareValues(a.value, b.value, ascending) || b.startTimeMs - a.startTimeMs || compareBytes(a.runId, b.runId);

const isWithin = (value: number | string, { from, to }: IndexRange): boolean => {
  const afterFrom = from === undefined ? 1 : compareValues(value, from.value, true);
  const afterTo = to === undefined ? -1 : compareValues(value, to.value, true);
  return (
    (afterFrom > 0 || (afterFrom === 0 && from?.inclusive === true)) &&
    (afterTo < 0 || (afterTo === 0 && to?.inclusive === true))
  );
};

/** An entry holds the first 600 bytes of a text, in whole characters. */
const indexed = (value: number | string): number | string => {
  if (typeof value === 'number') return value;
  let kept = '';
  let byteCount = 0;
  for (const character of value) {
    byteCount += Buffer.byteLength(character);
    if (byteCount > INDEXED_BYTES) break;
    kept += character;
  }
  return kept;
};

const own = <T>(values: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(values, key) ? values[key] : undefined;

const datasetValue = ({ name, digest, tags }: DatasetInput, key: string): string | undefined =>
  key === 'name' ? name : key === 'digest' ? digest : own(tags, 'mlflow.data.context');

/** What a run has by a field; several for datasets. */
const valuesOf = (run: Run, { kind, key }: Field): readonly (number | string)[] => {
  const values = {
    attribute: () => [key === 'start_time' ? run.info.startTimeMs : undefined],
    metric: () => [own(run.metrics, key)?.value],
    param: () => [own(run.params, key)],
    tag: () => [own(run.tags, key)],
    dataset: () => run.datasetInputs.map((input) => datasetValue(input, key)),
    metadata: () => [],
  }[kind]();
  return values.filter((value) => value !== undefined);
};

const entriesOf = (run: Run, field: Field): readonly IndexEntry[] => {
  const { runId, startTimeMs } = run.info;
  return [...new Set(valuesOf(run, field).map(indexed))].map((value) => ({ runId, startTimeMs, value }));
};

const keepsByDefault = ({ kind, key }: Field): boolean =>
  kind !== 'metadata' && (kind !== 'attribute' || key === 'start_time');

const after = <T>(items: readonly T[], compare: (a: T, b: T) => number, position: T | undefined): readonly T[] =>
  position === undefined ? items : items.filter((item) => compare(item, position) > 0);

const withoutBulk = (run: Run): Run => ({
  ...run,
  datasetInputs: run.datasetInputs.map(({ schema: _schema, profile: _profile, ...input }) => input),
});

const indexOf = (
  state: State,
  { isHot = () => false, staleEntries = () => [], keeps = keepsByDefault }: MemoryIndexFaults,
): RunIndex => {
  const runsOf = (experimentId: string): readonly Run[] =>
    [...state.runs.values()].filter(({ info }) => info.experimentId === experimentId);
  return {
    keeps,
    walk: async ({ experimentId, field, ascending, range = {}, after: position, limit }) => {
      const compare = compareEntries(ascending);
      const known = runsOf(experimentId)
        .filter((run) => field.kind !== 'metric' || !isHot(run))
        .flatMap((run) => entriesOf(run, field));
      const all = [...known, ...staleEntries(experimentId, field)]
        .filter(({ value }) => isWithin(value, range))
        .sort(compare);
      const left = after(all, compare, position);
      return { entries: left.slice(0, limit), hasMore: left.length > limit };
    },
    hotRuns: async (experimentId) =>
      runsOf(experimentId)
        .filter(isHot)
        .map(({ info }) => info.runId),
    readRuns: async (runIds) =>
      runIds.flatMap((runId) => {
        const run = state.runs.get(runId);
        return run === undefined ? [] : [withoutBulk(run)];
      }),
    headers: async ({ experimentId, after: position, limit }) => {
      const entryOf = ({ runId, startTimeMs }: RunInfo): IndexEntry => ({ runId, startTimeMs, value: startTimeMs });
      const compare = compareEntries(false);
      const headers = runsOf(experimentId)
        .map(({ info }) => info)
        .sort((a, b) => compare(entryOf(a), entryOf(b)))
        .filter((info) => position === undefined || compare(entryOf(info), position) > 0);
      return { headers: headers.slice(0, limit), hasMore: headers.length > limit };
    },
  };
};

const comparePoints = (a: MetricPoint, b: MetricPoint): number =>
  a.timestampMs - b.timestampMs ||
  a.step - b.step ||
  Number(!Number.isNaN(a.value)) - Number(!Number.isNaN(b.value)) ||
  a.value - b.value ||
  0;

const pointId = ({ key, value, timestampMs, step }: MetricPoint): string =>
  JSON.stringify([key, String(value), timestampMs, step]);

type Experiments = Pick<
  TrackingStore,
  'createExperiment' | 'getExperiment' | 'experimentForRun' | 'findExperiment' | 'listExperiments' | 'changeExperiment'
>;

const experiments = (state: State): Experiments => {
  const findExperiment = (name: string): Experiment | undefined =>
    [...state.experiments.values()].find((experiment) => experiment.name === name);
  const claim = (experiment: Experiment): void => {
    const holder = findExperiment(experiment.name);
    if (holder !== undefined && holder.experimentId !== experiment.experimentId) {
      throw new AlreadyExistsError(`Experiment(name=${experiment.name}) already exists.`);
    }
  };
  return {
    createExperiment: async (experiment) => {
      claim(experiment);
      if (state.experiments.has(experiment.experimentId)) {
        throw new AlreadyExistsError(`Experiment(id=${experiment.experimentId}) already exists.`);
      }
      state.experiments.set(experiment.experimentId, experiment);
    },
    getExperiment: async (experimentId) => experimentOf(state, experimentId),
    experimentForRun: async (experimentId) => experimentOf(state, experimentId),
    findExperiment: async (name) => findExperiment(name),
    listExperiments: async () => [...state.experiments.values()],
    changeExperiment: async (experimentId, change) => {
      const changed = change(experimentOf(state, experimentId));
      claim(changed);
      state.experiments.set(experimentId, changed);
      return changed;
    },
  };
};

const addInputs = (known: readonly DatasetInput[], added: readonly DatasetInput[]): readonly DatasetInput[] => {
  const inputs = new Map(known.map((input) => [JSON.stringify([input.name, input.digest]), input]));
  for (const input of added) {
    const id = JSON.stringify([input.name, input.digest]);
    const standing = inputs.get(id) ?? input;
    inputs.set(id, { ...standing, tags: { ...standing.tags, ...input.tags } });
  }
  return [...inputs.values()];
};

type Runs = Omit<TrackingStore, keyof Experiments | 'index'>;

const runs = (state: State): Runs => ({
  createRun: async (run) => {
    const { runId, experimentId } = run.info;
    const { lifecycleStage } = experimentOf(state, experimentId);
    if (lifecycleStage !== 'active') {
      throw new InvalidRequestError(
        `The experiment ${experimentId} must be in the 'active' state. Current state is ${lifecycleStage}.`,
      );
    }
    if (state.runs.has(runId)) throw new AlreadyExistsError(`Run with id=${runId} already exists`);
    state.runs.set(runId, run);
  },
  getRun: async (runId) => runOf(state, runId),
  changeRun: async (runId, change) => {
    const { datasetInputs, ...run } = runOf(state, runId);
    const { run: changed, points = [] } = change(run);
    state.runs.set(runId, { ...changed, datasetInputs });
    const history = state.points.get(runId) ?? new Map<string, MetricPoint>();
    for (const point of points) if (!history.has(pointId(point))) history.set(pointId(point), point);
    state.points.set(runId, history);
    return changed;
  },
  addDatasetInputs: async (runId, inputs) => {
    const run = runOf(state, runId);
    state.runs.set(runId, { ...run, datasetInputs: addInputs(run.datasetInputs, inputs) });
  },
  metricHistory: async (runId, key, limit, position) => {
    const all = [...(state.points.get(runId)?.values() ?? [])].filter((point) => point.key === key).sort(comparePoints);
    const left = after(all, comparePoints, position);
    return { points: left.slice(0, limit), hasMore: left.length > limit };
  },
  setLifecycleOfRuns: async (experimentId, lifecycleStage) => {
    for (const run of state.runs.values()) {
      if (run.info.experimentId !== experimentId) continue;
      state.runs.set(run.info.runId, { ...run, info: { ...run.info, lifecycleStage } });
    }
  },
});

const DEFAULT_EXPERIMENT: Experiment = {
  experimentId: '0',
  name: 'Default',
  artifactLocation: 'mlflow-artifacts:/0',
  lifecycleStage: 'active',
  createdAtMs: 0,
  updatedAtMs: 0,
  tags: {},
};

/** Experiments and runs of one workspace in memory, for tests: naive, and indexed by looking at everything. */
export const createMemoryTrackingStore = (faults: MemoryIndexFaults = {}): TrackingStore => {
  const state: State = {
    experiments: new Map([[DEFAULT_EXPERIMENT.experimentId, DEFAULT_EXPERIMENT]]),
    runs: new Map(),
    points: new Map(),
  };
  return { ...experiments(state), ...runs(state), index: indexOf(state, faults) };
};

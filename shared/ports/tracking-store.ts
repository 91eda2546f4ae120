import type {
  DatasetInput,
  Experiment,
  Field,
  LifecycleStage,
  MetricPoint,
  Run,
  RunInfo,
} from '../core/tracking/index.ts';

/**
 * Experiments and runs of one workspace. Reads see every write that was answered before. Every write is conditional or
 * keyed: the client's retry of the same call changes nothing.
 */
export interface TrackingStore {
  /** @throws AlreadyExistsError for a name that an active or deleted experiment has. */
  createExperiment(experiment: Experiment): Promise<void>;
  /** `0` exists from the first use of the workspace. @throws NotFoundError */
  getExperiment(experimentId: string): Promise<Experiment>;
  /**
   * An experiment to create a run in, perhaps as it was when it was read before: where its artifacts lie never changes,
   * and `createRun` finds out itself whether it was deleted. @throws NotFoundError
   */
  experimentForRun(experimentId: string): Promise<Experiment>;
  findExperiment(name: string): Promise<Experiment | undefined>;
  /** All of the workspace, in no order. Bounded: @throws LimitExceededError beyond 50,000. */
  listExperiments(): Promise<readonly Experiment[]>;
  /**
   * Reads, decides and writes conditionally until nobody came between; a new name is claimed in the same transaction.
   * @throws NotFoundError, AlreadyExistsError for a taken name, and whatever `change` throws.
   */
  changeExperiment(experimentId: string, change: (experiment: Experiment) => Experiment): Promise<Experiment>;

  /** Writes the run with its index entries in one transaction. @throws InvalidRequestError when the experiment is deleted. */
  createRun(run: Run): Promise<void>;
  /** Whole, with datasets. @throws NotFoundError */
  getRun(runId: string): Promise<Run>;
  /**
   * Reads, decides and writes conditionally until nobody came between. `points` go to the history; the new run's
   * `metrics`, `params`, `tags` and `info` are stored and indexed. `change` may be called several times, so it is pure.
   * @param hint `metricsOnly`: `change` reads and changes nothing but metrics, besides asking whether the run is active.
   * The rest of the run that it sees may be out of date then, and a read is saved.
   * @throws NotFoundError, and whatever `change` throws.
   */
  changeRun(
    runId: string,
    change: (run: Omit<Run, 'datasetInputs'>) => RunChange,
    hint?: { readonly metricsOnly: boolean },
  ): Promise<Omit<Run, 'datasetInputs'>>;
  /** Adds datasets to the run's inputs; one with the same name and digest stays as it is, its tags are merged. */
  addDatasetInputs(runId: string, inputs: readonly DatasetInput[]): Promise<void>;
  /**
   * Points of one key by (timestamp, step, value), each once; a page costs what its points cost, however long the
   * history is. An unknown key has none.
   */
  metricHistory(
    runId: string,
    key: string,
    limit: number,
    after?: MetricPoint,
  ): Promise<{ readonly points: readonly MetricPoint[]; readonly hasMore: boolean }>;
  /** Every run of an experiment gets the stage. Bounded work per call; run again until it says done. */
  setLifecycleOfRuns(experimentId: string, stage: LifecycleStage, atMs: number): Promise<void>;

  readonly index: RunIndex;
}

export interface RunChange {
  readonly run: Omit<Run, 'datasetInputs'>;
  /** New points of the history. */
  readonly points?: readonly MetricPoint[];
}

/** One entry of an ordered index: where a run stands by one field. */
export interface IndexEntry {
  readonly runId: string;
  readonly startTimeMs: number;
  /** The run's value of the field; for an index by time the start time. */
  readonly value: number | string;
}

/** Where a walk goes on: after this entry. */
export type IndexPosition = IndexEntry;

/** An index range: all entries, those of one value, or those between bounds (each end open or closed). */
export interface IndexRange {
  readonly from?: { readonly value: number | string; readonly inclusive: boolean };
  readonly to?: { readonly value: number | string; readonly inclusive: boolean };
}

/**
 * What searching reads. Entries are hints: a run may have moved on since, so whoever reads one compares it with the
 * run itself. None is missing, but of *hot* runs (see `hotRuns`), whose metrics are indexed when they cool down.
 */
export interface RunIndex {
  /** Whether entries of this field are kept; others are found by walking the runs by time. */
  keeps(field: Field): boolean;
  /**
   * Entries of one experiment by one field: by value (ascending or descending; NaN after every number either way),
   * equal values by start time descending, then run id ascending. `{kind: 'attribute', key: 'start_time'}` lists
   * every run of the experiment.
   */
  walk(request: {
    readonly experimentId: string;
    readonly field: Field;
    readonly ascending: boolean;
    readonly range?: IndexRange;
    readonly after?: IndexPosition;
    readonly limit: number;
  }): Promise<{ readonly entries: readonly IndexEntry[]; readonly hasMore: boolean }>;
  /** The runs whose metrics are not indexed while they are written often. A bounded few of an experiment. */
  hotRuns(experimentId: string): Promise<readonly string[]>;
  /** By id, without the datasets' schema and profile; a missing one is left out. */
  readRuns(runIds: readonly string[]): Promise<readonly Run[]>;
  /** What the index by time says of every run of an experiment: enough to filter and order by attributes. */
  headers(request: {
    readonly experimentId: string;
    readonly after?: IndexPosition;
    readonly limit: number;
  }): Promise<{ readonly headers: readonly RunInfo[]; readonly hasMore: boolean }>;
}

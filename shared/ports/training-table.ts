/** Labelled rows in memory, ordered by event time and key. */
export interface TrainingTable {
  readonly rowCount: number;
  readonly eventAtMs: Float64Array;
  readonly labels: Float64Array;
  /** Features by name: numbers with NaN for missing, categories with the empty string. */
  readonly columns: ReadonlyMap<string, Float64Array | readonly string[]>;
}

/** Reads the Parquet bytes of a training table, with the features named. */
export type ReadTrainingTable = (parquet: Uint8Array, features: readonly string[]) => Promise<TrainingTable>;

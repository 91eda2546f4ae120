/** Columnar queries over Parquet files: DuckDB. */
export interface TableEngine {
  /** Runs statements for their effect. Reproducible: one thread, explicit order. */
  execute(sql: string): Promise<void>;
  /** Rows as plain objects; integers beyond 2^53 are refused, timestamps are epoch ms. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Columns of a query as arrays; numbers with NaN for NULL, text with '' for NULL. */
  columns(sql: string): Promise<ReadonlyMap<string, Float64Array | readonly string[]>>;
  close(): Promise<void>;
}

/** A row group of a Parquet file, as its footer tells. */
export interface RowGroup {
  readonly rowCount: number;
  /** Where its columns lie in the file: from this byte up to, without, that one. */
  readonly fromByte: number;
  readonly toByte: number;
}

/** An input object, of one moment: its ETag. */
export interface InputObject {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

export interface InputColumn {
  readonly name: string;
  /** DuckDB's name of its type. */
  readonly type: string;
}

/** What is read of an input before anything is scored. */
export interface InputLayout {
  readonly object: InputObject;
  /** First byte of the footer, which reaches to the end of the file. */
  readonly footerFromByte: number;
  readonly columns: readonly InputColumn[];
  readonly rowGroups: readonly RowGroup[];
}

/** Rows of one input that are scored together and become one output object. */
export interface ScoringPart extends InputObject {
  /** Its number in the job, from 0. */
  readonly part: number;
  readonly footerFromByte: number;
  /** Position of the first row in the input, from 0. */
  readonly fromRow: number;
  readonly rowCount: number;
  /** The bytes of every row group that it touches. */
  readonly fromByte: number;
  readonly toByte: number;
  /** Whether the input has the column `row_key`, which then is copied to the output. */
  readonly hasRowKey: boolean;
}

/** One measured claim. Value and baseline are measured in turn, in one process, on the same data. */
export interface BenchRow {
  /** `<capability>/<what>`, as `--only` takes it. */
  readonly name: string;
  readonly unit: string;
  readonly betterIs: 'lower' | 'higher';
  /** What the value is compared with, said so that nobody takes it for more than it is. */
  readonly baselineName: string;
  /** Makes the data and warms up; what it returns is measured repeatedly. */
  prepare(): Promise<{
    /** @returns one sample, in the row's unit. */
    value(): Promise<number>;
    baseline(): Promise<number>;
  }>;
}

export interface ReportRow {
  readonly name: string;
  /** Median of the samples. */
  readonly value: number;
  readonly unit: string;
  readonly betterIs: 'lower' | 'higher';
  readonly baseline: { readonly name: string; readonly value: number; readonly samples: readonly number[] };
  /** value / baseline.value */
  readonly ratio: number;
  readonly samples: readonly number[];
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Seconds that a piece of work takes. */
export const secondsOf = (work: () => void): number => {
  const startMs = performance.now();
  work();
  return (performance.now() - startMs) / 1_000;
};

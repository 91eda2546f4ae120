/** Calls a function once, later. */
export interface OneTimeScheduler {
  /** Sets the schedule unless one of that name stands. It is gone once it has called. */
  set(schedule: {
    readonly name: string;
    /** Rounded up to the next second. */
    readonly atMs: number;
    readonly functionArn: string;
    readonly input: unknown;
  }): Promise<void>;
}

/** Executions of one state machine. */
export interface Executions {
  /**
   * Starts an execution unless one of that name exists; returns whether it started. The name makes it once only.
   */
  start(
    name: string,
    input: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly started: boolean; readonly executionArn: string }>;
  isRunning(name: string): Promise<boolean>;
}

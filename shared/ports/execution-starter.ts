/** Starts workflows. */
export interface ExecutionStarter {
  /**
   * Starts an execution by name. `exists` when one of that name was started before, with whatever input.
   * An equal start of an execution that still runs reports `started` again.
   */
  start(request: {
    readonly stateMachineArn: string;
    readonly name: string;
    readonly input: unknown;
  }): Promise<'started' | 'exists'>;
}

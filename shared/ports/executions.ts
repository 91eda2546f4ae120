import type { ExecutionStarter } from './execution-starter.ts';

/** Executions of one state machine, by name. */
export interface Executions {
  /** As `ExecutionStarter.start`: a name is taken once. */
  start(name: string, input: Readonly<Record<string, unknown>>): ReturnType<ExecutionStarter['start']>;
  isRunning(name: string): Promise<boolean>;
}

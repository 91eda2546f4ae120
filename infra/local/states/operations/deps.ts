import type { ServiceContext } from '../../contracts.ts';
import type { Executions } from '../executions.ts';
import type { Machines } from '../machines.ts';
import type { StatesTables } from '../records.ts';
import type { TaskTokens } from '../task-tokens.ts';

/** What the operations of the API work on. */
export interface StatesDeps {
  readonly context: ServiceContext;
  readonly tables: StatesTables;
  readonly machines: Machines;
  readonly executions: Executions;
  readonly tokens: TaskTokens;
  readonly newId: () => string;
  /** Tells the Map Run that its limits changed. */
  readonly mapRunChanged: (mapRunArn: string) => void;
}

export const seconds = (ms: number): number => ms / 1000;

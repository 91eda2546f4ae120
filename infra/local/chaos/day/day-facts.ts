import type { TimedEffect } from '../effects.ts';
import type { ChaosFacts, ModelFacts } from '../facts.ts';
import type { AskedRequest } from './callers.ts';
import type { DayModel } from './day-model.ts';

/** How a rollout should end: FAILED is one whose execution was ended by hand. */
export type Ending = 'PROMOTED' | 'ROLLED_BACK' | 'FAILED';

/** What was done in the course of a day. Virtual epoch milliseconds. */
export interface DayNotes {
  readonly brought: readonly { readonly model: DayModel; readonly version: number; readonly ending: Ending }[];
  /** Rollouts whose executions were ended. */
  readonly kills: readonly { readonly model: DayModel; readonly rolloutId: string; readonly atMs: number }[];
  /** Rollouts that a person rolled back by a call, and when it was made. */
  readonly calledBack: readonly { readonly model: DayModel; readonly rolloutId: string; readonly atMs: number }[];
  /** Deployments in mid-canary, with what the aliases divided by before and after, by model. */
  readonly updates: readonly {
    readonly fromMs: number;
    readonly toMs: number;
    readonly before: readonly Readonly<Record<string, number>>[];
    readonly after: readonly Readonly<Record<string, number>>[];
  }[];
}

/** A captured line, as far as it is metered. */
export interface MeteredCapture {
  readonly predictionId: string;
  readonly atMs: number;
  readonly version: number;
  readonly requestId: string;
  readonly principal: string;
}

/** What was counted for a client: a day and a version. */
export interface CountedUsage {
  readonly model: string;
  readonly day: string;
  readonly version: number;
  readonly client: string;
  readonly requestCount: number;
}

/** When it was decided that a rollout's traffic goes back. */
export interface RollbackDecision {
  readonly model: string;
  readonly rolloutId: string;
  readonly by: 'workflow' | 'judge' | 'person';
  readonly atMs: number;
}

/** Everything that is known of a day when it is over. */
export interface DayFacts {
  readonly notes: DayNotes;
  /** Of the model whose traffic an alias divides: what every chaos run is judged by. */
  readonly alias: ChaosFacts;
  /** Both. */
  readonly models: readonly Omit<ModelFacts, 'expectedVersion'>[];
  readonly requests: readonly AskedRequest[];
  /** By model. */
  readonly captures: Readonly<Record<string, readonly MeteredCapture[]>>;
  /** `CaptureFailed` by model and minute. */
  readonly captureFailures: Readonly<Record<string, readonly { readonly atMs: number; readonly count: number }[]>>;
  readonly usage: readonly CountedUsage[];
  readonly decisions: readonly RollbackDecision[];
  readonly effects: readonly TimedEffect[];
}

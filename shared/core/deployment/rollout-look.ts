import type { JudgeRow } from '../judging/index.ts';

/** What was seen at one look at a running canary, and what followed from it. */
export interface RolloutLook {
  /** 0 is the first. */
  readonly index: number;
  readonly atMs: number;
  /** Evidence until this instant is in the rows. */
  readonly throughMs: number;
  /** The canary's share of the traffic at the look. */
  readonly weight: number;
  readonly action: 'wait' | 'next step' | 'promote' | 'roll back' | 'hold';
  /** `schedule`: a step's time was served and nothing spoke against it. */
  readonly decidedBy: 'judge' | 'schedule' | 'deadline' | 'person';
  /** One line, for people. */
  readonly reason: string;
  /** When it is looked again; absent once something followed. */
  readonly nextLookAtMs?: number;
  readonly rows: readonly JudgeRow[];
}

import type { EvidenceTaken, JudgeRules, RolloutLook } from '../core/deployment/index.ts';
import type { Forecast, JudgePlan, JudgeState, SeenUnits } from '../core/judging/index.ts';
import type { Page } from './model-registry.ts';

/** What a rollout is judged by, from its start to its end. */
export interface RolloutEvidence {
  readonly model: string;
  readonly rolloutId: string;
  /** As the definition said when the rollout began. */
  readonly plan: JudgePlan;
  /** What the rollout was expected to take, as printed at its start. */
  readonly forecast: Forecast;
  /** Latency above which a warm request is slow: the champion's p99 before the canary, frozen, in ms. */
  readonly slowAboveMs?: number;
  readonly state: JudgeState;
  readonly seenUnits: SeenUnits;
  /** How it is looked at, as the definition said when the rollout began. */
  readonly rules: JudgeRules;
  /** How far the evidence goes, and what is counted beside it. */
  readonly taken: EvidenceTaken;
  /** Looks that were taken. */
  readonly lookCount: number;
}

/** Evidence and looks of rollouts, beside the rollout's item. */
export interface RolloutEvidenceStore {
  /** Writes what the rollout starts with, or returns what stands. */
  open(evidence: RolloutEvidence): Promise<RolloutEvidence>;
  get(model: string, rolloutId: string): Promise<RolloutEvidence | undefined>;
  /**
   * Writes the next look and the evidence after it, in one transaction, if the standing one has taken `look.index` looks;
   * the same look again returns the look that stands.
   * @throws ConflictError when other looks came in between.
   */
  record(evidence: RolloutEvidence, look: RolloutLook): Promise<RolloutLook>;
  getLook(model: string, rolloutId: string, index: number): Promise<RolloutLook | undefined>;
  /** Oldest first. */
  listLooks(model: string, rolloutId: string, limit: number, cursor?: string): Promise<Page<RolloutLook>>;
}

import type { PlanDraft, Roster, RoutingPlan } from '../core/routing/index.ts';

/** Who changes a plan, when and why. */
export interface PlanChange {
  readonly model: string;
  readonly principal: string;
  readonly atMs: number;
  readonly reason?: string;
}

/** Plans and rosters. A plan is one item a model; each change of it is on record in the audit log. */
export interface RoutingPlans {
  /** Undefined for a model whose router never was `exact`. */
  get(model: string): Promise<RoutingPlan | undefined>;
  /**
   * Writes what `decide` makes of the plan that stands, with its record, if nobody wrote one meanwhile.
   * @param decide is asked again with what stands then when another came first. What it throws is thrown; of undefined
   * nothing is written.
   * @returns what stands afterwards.
   * @throws ConflictError when the contention outlasts ten seconds.
   */
  change(
    change: PlanChange,
    decide: (standing: RoutingPlan | undefined) => PlanDraft | undefined | Promise<PlanDraft | undefined>,
  ): Promise<RoutingPlan | undefined>;
  /** @throws NotFoundError for a digest that no roster has. */
  getRoster(model: string, digest: string): Promise<Roster>;
  /** Keeps a roster under its digest, once. @returns the digest. */
  keepRoster(roster: Roster): Promise<string>;
}

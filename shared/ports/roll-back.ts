/** What a person asked for. */
export interface RollBackRequest {
  readonly model: string;
  /** The rollout that was named; absent: the one that runs. */
  readonly rolloutId?: string | undefined;
  /** The version that was named; absent: the one before. */
  readonly version?: number | undefined;
  readonly reason: string;
  readonly principal: string;
  /** The same again is the same roll-back. */
  readonly requestId: string;
}

/** What has all traffic now. */
export interface RolledBack {
  readonly model: string;
  /** Absent while no version is in service. */
  readonly champion?: number | undefined;
  readonly lambdaVersion: string;
}

/** Rolls back what an alias divides: the platform API may not touch what serves; the function that it asks may. */
export interface RollBackFunction {
  /**
   * @returns what has all traffic now; `underWay` when that could not be waited for: it is tried for minutes, and the
   * reconciler sees to it afterwards.
   * @throws InvalidStateError, NotFoundError or ConflictError when there is nothing that could be rolled back.
   * @throws UnavailableError when nobody could be asked.
   */
  rollBack(request: RollBackRequest): Promise<RolledBack | { readonly model: string; readonly underWay: true }>;
}

export interface FunctionState {
  readonly codeSha256: string;
  readonly revisionId: string;
  /** Whether the last change of code or configuration has taken effect. */
  readonly settled: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

export interface AliasState {
  readonly lambdaVersion: string;
  /** Share of the traffic by additional version; empty when the alias is not weighted. */
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

export interface PublishedVersion {
  readonly lambdaVersion: string;
  readonly codeSha256: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What serves models: functions, with their configuration, published versions and the alias `live`; or pairs of ECS
 * services, of which the same is said (`adapters/ecs/serving-services.ts`). An endpoint's name tells which.
 */
export interface ServingFunctions {
  /** @throws NotFoundError */
  describe(functionName: string, qualifier?: string): Promise<FunctionState>;
  /** @throws ConflictError when the function changed since `revisionId`, or is changing now. */
  updateEnvironment(
    functionName: string,
    environment: Readonly<Record<string, string>>,
    revisionId: string,
  ): Promise<void>;
  /** Publishes `$LATEST` as it was at `revisionId`. @throws ConflictError when it changed since. */
  publish(
    functionName: string,
    from: { readonly revisionId: string; readonly codeSha256: string; readonly description: string },
  ): Promise<PublishedVersion>;
  getLiveAlias(functionName: string): Promise<AliasState>;
  /** @throws ConflictError when the alias changed since `revisionId`. */
  setLiveAlias(
    functionName: string,
    to: {
      readonly lambdaVersion: string;
      readonly weights: Readonly<Record<string, number>>;
      readonly revisionId: string;
    },
  ): Promise<void>;
  /**
   * Invokes one published version. `failed` when the function threw. A version on ECS is not reached by a request: the
   * answer tells whether its tasks came up, which they do once the model was verified, loaded, and has answered a row
   * of nothing.
   */
  invoke(
    functionName: string,
    lambdaVersion: string,
    payload: unknown,
  ): Promise<{ readonly failed: boolean; readonly payload: unknown }>;
  /** Published versions, oldest first. */
  listVersions(functionName: string): Promise<readonly string[]>;
  deleteVersion(functionName: string, lambdaVersion: string): Promise<void>;
}

/** The dimensions by which CloudWatch knows what reached one version of a model on ECS. @throws InvalidStateError */
export type ServiceDimensions = (
  serviceName: string,
  version: string,
) => Promise<Readonly<Record<'TargetGroup' | 'LoadBalancer', string>>>;

/** Requests and failures of one published version behind `live`, over an interval. */
export interface ServingMetrics {
  countRequests(interval: {
    readonly functionName: string;
    readonly lambdaVersion: string;
    readonly fromMs: number;
    readonly toMs: number;
  }): Promise<{ readonly requestCount: number; readonly failureCount: number }>;
}

/** The capture stream. Records are JSON lines. */
export interface CaptureStream {
  /** Resolves when every record is acknowledged. @throws UnavailableError when some were not. */
  put(records: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
}

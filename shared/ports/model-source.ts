import type { OnlinePlan } from '../core/features/index.ts';
import type { ModelSignature } from '../core/inference/index.ts';

/** One version of one model, as it may be loaded. */
export interface DescribedModel {
  readonly model: string;
  readonly version: string;
  /** The same text for the same bytes of the same model and version, and for no others. */
  readonly key: string;
  readonly sizeBytes: number;
  /**
   * Whether it is served only once it has answered a row of nothing by a number: of a version that a rollout brings,
   * which nobody has asked yet. @default false
   */
  readonly mustAnswer?: boolean;
}

export interface FetchedModel {
  /** Its own: it may be given away. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of models whose inputs are features. */
  readonly signature?: ModelSignature;
  /** How its features are had from entities; undefined where callers bring them all. */
  readonly onlinePlan?: OnlinePlan;
  readonly digest: string;
}

/** Where a server with many models finds them. */
export interface ModelSource {
  /**
   * The version that serves, or the one that is named.
   * @throws NotFoundError for an unknown model or version; UnavailableError while none serves.
   */
  describe(model: string, version?: string): Promise<DescribedModel>;
  /**
   * Its bytes, verified by what is registered about them.
   * @throws Error for bytes that must not be served.
   */
  fetch(described: DescribedModel): Promise<FetchedModel>;
}

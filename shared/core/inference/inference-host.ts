import type { PredictRow } from './predict-request.ts';
import type { ModelSignature } from './signature.ts';
import type { Tensor, TensorSpec } from './tensor.ts';

/**
 * The seam between the protocol, which is one, and its shells (a Lambda for each model, a server with many): a shell
 * finds models and captures predictions, the protocol does the rest.
 */

/** One version of one model, ready to answer. */
export interface ServableModel {
  readonly name: string;
  readonly version: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Of models whose inputs are features, each a tensor of shape [rows, 1]: they are also asked by feature name. */
  readonly signature?: ModelSignature;
  /** What a row may bring instead of features that are kept online: names of join keys and of request-time values. */
  readonly online?: { readonly entities: readonly string[]; readonly values: readonly string[] };
  /**
   * @param inputs one for each of the model's inputs, in their order, checked against them.
   * @param outputNames which outputs, in this order. @default all
   * @returns at once where the model runs on this thread, so that an answer need not wait for a turn of the loop.
   */
  run(inputs: readonly Tensor[], outputNames?: readonly string[]): readonly Tensor[] | Promise<readonly Tensor[]>;
}

/** What was asked and answered, before the answer leaves. */
export interface Prediction {
  readonly model: ServableModel;
  /** Tells requests apart: no caller can choose it. */
  readonly requestId: string;
  /** One for each row of a model with a signature; none otherwise, since nothing of its rows is captured. */
  readonly predictionIds: readonly string[];
  readonly rowCount: number;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Of the model itself, milliseconds. */
  readonly latencyMs: number;
  /** Who signed the request. */
  readonly principal?: string;
  /** The API key that the request came with, by its id: whose usage plan it counts against. */
  readonly apiKeyId?: string;
  /** What `completeRows` said of each row, where it was asked. */
  readonly completed?: readonly CompletedRow[];
}

/** A row whose features were completed by what is kept of its entities. */
export interface CompletedRow {
  /** By feature's name; checked against the signature afterwards, as if the caller had sent them. */
  readonly features: Readonly<Record<string, unknown>>;
  /** What the record should hold beside the features: of each online value its status and its event timestamp. */
  readonly online?: Readonly<Record<string, unknown>>;
}

/** Why one row has its prediction: the baseline and all contributions add up to the margin. */
export interface RowExplanation {
  readonly method: string;
  readonly baseline: number;
  /** Log-odds of a probability, or the value itself. */
  readonly margin: number;
  /** By feature. */
  readonly contributions: Readonly<Record<string, number>>;
  /** Of sampled contributions: half the width of each one's 95 % interval. */
  readonly errors?: Readonly<Record<string, number>>;
  /** Where it was asked for: null where no change was found. */
  readonly counterfactual?: RowCounterfactual | null;
}

/** What explains the predictions of one model by feature name. */
export interface RowExplainer {
  /** Rows that one request may have explained. */
  readonly mostRows: number;
  /** How the explanation's method is named. */
  readonly method: string;
  explain(inputs: readonly Tensor[], outputs: ArrayLike<number>): Promise<readonly RowExplanation[]>;
  /**
   * The smallest change that was found by which one row's prediction crosses a limit; null where none was.
   * @default none is looked for
   */
  counterfactual?(inputs: readonly Tensor[], limit: number): Promise<RowCounterfactual | null>;
}

/** What would have to be otherwise for another answer. */
export interface RowCounterfactual {
  readonly changes: readonly {
    readonly feature: string;
    readonly from: number | string | null;
    readonly to: number | string | null;
  }[];
  readonly prediction: number;
}

export interface InferenceHost {
  /**
   * The version that serves, or the one that is named.
   * @throws NotFoundError for an unknown model or version; UnavailableError while none serves.
   */
  find(model: string, version?: string): ServableModel | Promise<ServableModel>;
  /**
   * Whether a model could answer now, without loading it.
   * @throws NotFoundError for an unknown model or version.
   * @default ready once found
   */
  isReady?(model: string, version?: string): boolean | Promise<boolean>;
  /**
   * Features of rows that name entities, in the rows' order; rows without any come as they are.
   * @throws InvalidRequestError, NotFoundError for entities that the views' policy refuses.
   * @default rows that name entities are refused
   */
  completeRows?(
    model: ServableModel,
    rows: readonly PredictRow[],
  ): readonly CompletedRow[] | Promise<readonly CompletedRow[]>;
  /**
   * Asked for once a request wants its predictions explained.
   * @throws InvalidRequestError for a version of which nothing is kept that would explain it.
   * @default requests for explanations are refused
   */
  explainer?(model: ServableModel): RowExplainer | Promise<RowExplainer>;
  /** Awaited before the answer leaves; must not throw. */
  capture(prediction: Prediction): void | Promise<void>;
  predictionId(requestId: string, rowIndex: number): string;
  /** Monotonic milliseconds. */
  elapsedMs(): number;
}

/** A request without its transport. */
export interface InferenceRequest {
  readonly method: string;
  /** As received, percent-encoded, without stage and query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /** Bytes, or text where the transport gave text: neither is copied on the way in. */
  readonly body: Uint8Array | string;
  readonly requestId: string;
  /** An id that the caller cannot choose, where `requestId` may be the caller's. @default `requestId` */
  readonly uniqueId?: string;
  readonly principal?: string;
  readonly apiKeyId?: string;
}

export interface InferenceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

import type { Fields } from '../../shared/contracts/http/mlflow/fields.ts';
import type { HttpMethod, HttpRequest, HttpResponse, PathParameters } from '../../shared/http/index.ts';
import type { WorkspacePorts } from './deps.ts';

/** One call of MLflow's REST API, decoded. */
export interface MlflowCall {
  readonly workspace: string;
  /** Who calls. */
  readonly principal: string;
  /** The message: the JSON body, or of a GET (and of a DELETE or PATCH without a body) the query. */
  readonly input: Fields;
  readonly parameters: PathParameters;
  readonly request: HttpRequest;
  /** What this workspace has; no other workspace can be reached through them. */
  readonly ports: WorkspacePorts;
  readonly nowMs: number;
  /** 16 random bytes in lower-case hex, as in `TrackingDeps`. */
  readonly newId: () => string;
  /** True once so little time is left (of API Gateway's 29 s) that a search answers with what it has and a page token. */
  readonly timeIsShort: () => boolean;
}

/** What is answered when a handler gives no response of its own: 200 with this message, unset fields left out. */
export type MlflowAnswer = Readonly<Record<string, unknown>>;

export interface MlflowRoute {
  readonly method: HttpMethod;
  /**
   * Without `/t/{workspace}` and without `/api` or `/ajax-api`, which both lead here, such as
   * `/2.0/mlflow/runs/create`. A path outside both (`/version`, `/v1/traces`) is marked `root`.
   */
  readonly path: string;
  readonly root?: true;
  /** Of a request whose body is no message (artifacts, OTLP): `input` is then the query. */
  readonly rawBody?: true;
  /** Answered without authentication: `/health`, `/version`, server-info. */
  readonly open?: true;
  readonly handle: (call: MlflowCall) => Promise<MlflowAnswer | HttpResponse>;
}

import type { ServiceContext, WireRequest } from '../contracts.ts';
import type { ApiKeyRecord, MethodRecord, MethodSetting, RestApiRecord, StageRecord } from './records.ts';
import type { RouteMatch } from './route-matching.ts';

/** A request as far as it was understood: what the metrics and the access log tell of it. */
export interface Exchange {
  readonly request: WireRequest;
  readonly api: RestApiRecord;
  readonly stage: StageRecord;
  /** Below the stage. */
  readonly path: string;
  readonly startedAtMs: number;
  match?: RouteMatch;
  method?: MethodRecord;
  setting?: MethodSetting | undefined;
  apiKey?: ApiKeyRecord;
  /** What a Lambda authorizer said of the caller. */
  authorizer?: Readonly<Record<string, unknown>>;
  integrationMs?: number;
}

/** An exchange whose resource and method are found. */
export type RoutedExchange = Exchange & { readonly match: RouteMatch; readonly method: MethodRecord };

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html */
export const methodArn = (
  { partition, region, accountId }: ServiceContext,
  { request, api, stage }: Exchange,
  path: string,
): string =>
  `arn:${partition}:execute-api:${region}:${accountId}:${api.id}/${stage.name}/${request.method}${path === '' ? '/' : path}`;

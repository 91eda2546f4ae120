import { Duration, Validations } from 'aws-cdk-lib';
import {
  AuthorizationType,
  IdentitySource,
  type Integration,
  type IResource,
  type MethodOptions,
  RequestAuthorizer,
  ResponseType,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import { addRestApi, type GatewayAnswer, permitInvoke, proxyTo, urlOf } from './platform-rest-api.ts';

export interface TrackingApiProps {
  readonly stage: StageConfig;
  readonly topic: ITopic;
  /** Answers every path. */
  readonly answer: IFunction;
  /** Says who may call. */
  readonly authorize: IFunction;
}

const answerOf = (type: ResponseType, code: string, message: string, statusCode?: string): GatewayAnswer => ({
  type,
  contentType: 'application/json',
  body: `{"error_code":"${code}","message":${message}}`,
  ...(statusCode === undefined ? {} : { statusCode }),
});

const OWN_WORDS = '$context.error.messageString';

/** API Gateway's own answers as MLflow's clients read them. */
const ANSWERS: readonly GatewayAnswer[] = [
  answerOf(
    ResponseType.UNAUTHORIZED,
    'UNAUTHENTICATED',
    '"a token is required that is neither expired nor revoked: set MLFLOW_TRACKING_TOKEN"',
  ),
  answerOf(ResponseType.ACCESS_DENIED, 'PERMISSION_DENIED', '"the token is not for this workspace or path"'),
  // What API Gateway says of a path without a method.
  answerOf(ResponseType.MISSING_AUTHENTICATION_TOKEN, 'ENDPOINT_NOT_FOUND', '"no endpoint answers this path"', '404'),
  answerOf(
    ResponseType.REQUEST_TOO_LARGE,
    'RESOURCE_LIMIT_EXCEEDED',
    '"the body is too large: at most 4500000 bytes are allowed. Set MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true to upload larger files in parts"',
  ),
  answerOf(ResponseType.THROTTLED, 'REQUEST_LIMIT_EXCEEDED', OWN_WORDS),
  answerOf(ResponseType.INTEGRATION_TIMEOUT, 'DEADLINE_EXCEEDED', OWN_WORDS),
  answerOf(ResponseType.DEFAULT_4XX, 'BAD_REQUEST', OWN_WORDS),
  answerOf(ResponseType.DEFAULT_5XX, 'INTERNAL_ERROR', OWN_WORDS),
];

/** What is answered without a token, at the root and below each workspace. */
const OPEN_PATHS = ['health', 'version', 'api/3.0/mlflow/server-info', 'ajax-api/3.0/mlflow/server-info'];

/** An answer of the authoriser is kept so long; so long a revoked token may still pass. */
const AUTHORIZER_CACHE = Duration.minutes(5);

/**
 * The REST API that MLflow's clients are pointed at: a token instead of a signature. It cannot take both: a method has
 * one kind of authorisation, and a signed request (`MLFLOW_TRACKING_AWS_SIGV4`) carries its signature where the token
 * would stand.
 */
export class TrackingApi extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { stage, topic, answer, authorize }: TrackingApiProps) {
    super(scope, id);
    const authorizer = new RequestAuthorizer(this, 'Authorizer', {
      handler: authorize,
      identitySources: [IdentitySource.header('Authorization')],
      resultsCacheTtl: AUTHORIZER_CACHE,
    });
    const byToken: MethodOptions = { authorizationType: AuthorizationType.CUSTOM, authorizer };
    const restApi = addRestApi(
      this,
      {
        stage,
        topic,
        name: 'tracking',
        description: 'Experiments, runs, models and artifacts, as MLflow speaks',
        throttle: stage.trackingThrottle,
        // Clients upload artifacts under any type that a file's name suggests, and answers may be compressed.
        binaryMediaTypes: ['*/*'],
        defaultMethodOptions: byToken,
      },
      ANSWERS,
    );
    permitInvoke(this, 'TrackingApi', restApi, answer.functionArn);
    this.addRoutes(restApi, proxyTo(this, answer.functionArn));
    this.url = urlOf(this, restApi);
  }

  private addRoutes(restApi: RestApi, integration: Integration): void {
    const workspace = restApi.root.addResource('t').addResource('{workspace}');
    // Each resource above an open path has a rest of its own: what is not open stays behind the token.
    const above = new Set<IResource>([restApi.root, workspace]);
    for (const root of [restApi.root, workspace]) {
      for (const path of OPEN_PATHS) {
        const open = root.resourceForPath(path);
        const method = open.addMethod('GET', integration, { authorizationType: AuthorizationType.NONE });
        Validations.of(method).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason: 'Says only that the server is there and which release it speaks: clients ask before they log in',
        });
        for (let parent = open.parentResource; parent !== undefined; parent = parent.parentResource) {
          if (parent !== restApi.root && parent !== workspace.parentResource) above.add(parent);
        }
      }
    }
    for (const resource of above) {
      resource.addMethod('ANY', integration);
      resource.addResource('{proxy+}').addMethod('ANY', integration);
    }
  }
}

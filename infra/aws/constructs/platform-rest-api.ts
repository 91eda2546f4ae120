import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  EndpointType,
  Integration,
  IntegrationType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  type ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import { PlatformAlarm } from './platform-alarm.ts';

/** What our REST APIs have in common: access log, throttle, own form of errors, alarm. Made in the scope of each API. */

export interface PlatformRestApiProps {
  readonly stage: StageConfig;
  /** `predict`, `platform` or `tracking`: the API is `millrace-<stage>-<name>`. */
  readonly name: string;
  readonly description: string;
  /** Content types whose bodies reach the function as bytes. */
  readonly binaryMediaTypes?: readonly string[];
  readonly topic: ITopic;
  /** Requests a second and burst beyond which it answers 429. */
  readonly throttle: StageConfig['throttle'];
  /** Of methods that do not say otherwise. */
  readonly defaultMethodOptions?: MethodOptions;
}

/** An answer that API Gateway gives itself; `$context` variables are filled in. */
export interface GatewayAnswer {
  readonly type: ResponseType;
  readonly statusCode?: string;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API's stage: the first part of every path. */
const API_STAGE = 'v1';

/** As a mapping of API Gateway's writes a text. */
const quoted = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`]));

export const addRestApi = (
  scope: Construct,
  props: PlatformRestApiProps,
  answers: readonly GatewayAnswer[],
): RestApi => {
  const { stage, throttle } = props;
  const logGroup = new LogGroup(scope, 'AccessLog', {
    retention: stage.logRetentionDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const restApi = new RestApi(scope, 'RestApi', {
    restApiName: `millrace-${stage.name}-${props.name}`,
    description: props.description,
    endpointTypes: [EndpointType.REGIONAL],
    binaryMediaTypes: [...(props.binaryMediaTypes ?? [])],
    ...(props.defaultMethodOptions === undefined ? {} : { defaultMethodOptions: props.defaultMethodOptions }),
    // The account's log role is set once, in the data stack.
    cloudWatchRole: false,
    deployOptions: {
      stageName: API_STAGE,
      accessLogDestination: new LogGroupLogDestination(logGroup),
      accessLogFormat: AccessLogFormat.custom(ACCESS_LOG_FORMAT),
      loggingLevel: MethodLoggingLevel.ERROR,
      dataTraceEnabled: false,
      metricsEnabled: false,
      tracingEnabled: true,
      throttlingRateLimit: throttle.rateLimit,
      throttlingBurstLimit: throttle.burstLimit,
    },
  });
  // The CDK's own output of the address; ours has a stable name.
  restApi.node.tryRemoveChild('Endpoint');
  for (const { type, statusCode, contentType, body, headers } of answers) {
    restApi.addGatewayResponse(type.responseType, {
      type,
      ...(statusCode === undefined ? {} : { statusCode }),
      templates: { [contentType]: body },
      ...(headers === undefined ? {} : { responseHeaders: quoted(headers) }),
    });
  }
  new PlatformAlarm(scope, 'ServerErrors', {
    alarmName: `millrace-${stage.name}-${props.name}-api-errors`,
    alarmDescription: `The ${props.name} API answers with server errors.`,
    heading: 'api-errors',
    topic: props.topic,
    metric: restApi.metricServerError({ statistic: 'Sum' }),
    threshold: 5,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  return restApi;
};

/** Without a slash at the end: a path is put behind it, and a doubled slash would break the caller's signature. */
export const urlOf = (scope: Construct, restApi: RestApi): string => {
  const { region, urlSuffix } = Stack.of(scope);
  return `https://${restApi.restApiId}.execute-api.${region}.${urlSuffix}/${API_STAGE}`;
};

/** A function, or an alias of one, as what answers a method. */
export const proxyTo = (scope: Construct, functionArn: string): Integration =>
  new Integration({
    type: IntegrationType.AWS_PROXY,
    integrationHttpMethod: 'POST',
    uri: `arn:${Aws.PARTITION}:apigateway:${Stack.of(scope).region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
  });

/** Lets the API invoke a function or an alias: one permission for all its routes. */
export const permitInvoke = (scope: Construct, id: string, restApi: RestApi, functionArn: string): void => {
  new CfnPermission(scope, `${id}Permission`, {
    action: 'lambda:InvokeFunction',
    functionName: functionArn,
    principal: 'apigateway.amazonaws.com',
    sourceArn: restApi.arnForExecuteApi('*', '/*', '*'),
  });
};

/** Who called what, how it ended and how long it took; never bodies, which hold feature values. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  callerArn: '$context.identity.userArn',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  requestedAt: '$context.requestTime',
  errorMessage: '$context.error.message',
});

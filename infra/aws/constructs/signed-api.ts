import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  Integration,
  IntegrationType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import { PlatformAlarm } from './platform-alarm.ts';

export interface SignedApiProps {
  readonly stage: StageConfig;
  /** `predict` or `platform`: the API is `millrace-<stage>-<name>`. */
  readonly name: string;
  readonly description: string;
  /** Body of the errors that API Gateway answers itself; `$context` variables are filled in. */
  readonly errorTemplate: { readonly contentType: string; readonly body: string };
  /** Content types whose bodies reach the function as bytes. */
  readonly binaryMediaTypes?: readonly string[];
  readonly topic: ITopic;
}

/** The API's stage: the first part of every path. */
const API_STAGE = 'v1';

/**
 * A REST API whose every route asks for an AWS signature (SigV4), answered by functions. A REST API rather than an
 * HTTP API for its access policies, per-stage throttles and web application firewall.
 */
export class SignedApi extends Construct {
  readonly restApi: RestApi;
  /** Without a slash at the end: a path is put behind it, and a doubled slash would break the caller's signature. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: SignedApiProps) {
    super(scope, id);
    const { stage } = props;
    const logGroup = new LogGroup(this, 'AccessLog', {
      retention: stage.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.restApi = new RestApi(this, 'RestApi', {
      restApiName: `millrace-${stage.name}-${props.name}`,
      description: props.description,
      endpointTypes: [EndpointType.REGIONAL],
      binaryMediaTypes: [...(props.binaryMediaTypes ?? [])],
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
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
        throttlingRateLimit: stage.throttle.rateLimit,
        throttlingBurstLimit: stage.throttle.burstLimit,
      },
    });
    const { region, urlSuffix } = Stack.of(this);
    this.url = `https://${this.restApi.restApiId}.execute-api.${region}.${urlSuffix}/${API_STAGE}`;
    // The CDK's own output of the address; ours has a stable name.
    this.restApi.node.tryRemoveChild('Endpoint');
    for (const type of [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX]) {
      const { contentType, body } = props.errorTemplate;
      this.restApi.addGatewayResponse(type.responseType, { type, templates: { [contentType]: body } });
    }
    new PlatformAlarm(this, 'ServerErrors', {
      alarmName: `millrace-${stage.name}-${props.name}-api-errors`,
      alarmDescription: `The ${props.name} API answers with server errors.`,
      heading: 'api-errors',
      topic: props.topic,
      metric: this.restApi.metricServerError({ statistic: 'Sum' }),
      threshold: 5,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /**
   * Answers every method of a path and of all paths below it by a function.
   * @param path e.g. `/v2/models/births`; more specific paths win.
   * @param below whether paths below it go there too.
   */
  route(path: string, functionArn: string, { below }: { readonly below: boolean }): void {
    const resource = path === '/' ? this.restApi.root : this.restApi.root.resourceForPath(path);
    const integration = new Integration({
      type: IntegrationType.AWS_PROXY,
      integrationHttpMethod: 'POST',
      uri: `arn:${Aws.PARTITION}:apigateway:${Stack.of(this).region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
    });
    resource.addMethod('ANY', integration);
    if (below) resource.addResource('{proxy+}').addMethod('ANY', integration);
  }

  /** Lets the API invoke a function or an alias: one permission for all its routes. */
  mayInvoke(id: string, functionArn: string): void {
    new CfnPermission(this, `${id}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: this.restApi.arnForExecuteApi('*', '/*', '*'),
    });
  }
}

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

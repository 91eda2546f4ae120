import { AuthorizationType, CfnMethod, type IResource, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { API_KEY_ID_HEADER, CALLER_HEADER, NO_API_KEY } from '../../../shared/contracts/callers.ts';
import { assert } from '../../../shared/kernel/assert.ts';
import type { Firewall } from '../firewall.ts';
import { ApiFirewall } from './api-firewall.ts';
import { addRestApi, type PlatformRestApiProps, permitInvoke, proxyTo, urlOf } from './platform-rest-api.ts';

/** A load balancer that the API reaches over a VPC link. */
export interface PrivateTarget {
  readonly vpcLinkId: string;
  readonly loadBalancerArn: string;
  readonly host: string;
}

export interface SignedApiProps extends Omit<PlatformRestApiProps, 'defaultMethodOptions' | 'throttle'> {
  /** Body of the errors that API Gateway answers itself; `$context` variables are filled in. */
  readonly errorTemplate: { readonly contentType: string; readonly body: string };
  /** Whether every call also needs an API key of a usage plan. @default false */
  readonly apiKeyRequired?: boolean;
  /** What stands before it. @default 'off' */
  readonly firewall?: Firewall | 'off';
}

/** When to ask again, which API Gateway does not say of itself: beyond a rate at once, beyond a quota within the hour. */
const RETRY_AFTER_SECONDS = [
  { type: ResponseType.THROTTLED, seconds: 1 },
  { type: ResponseType.QUOTA_EXCEEDED, seconds: 3_600 },
];

/**
 * A REST API whose every route asks for an AWS signature (SigV4), answered by functions. A REST API rather than an
 * HTTP API for its access policies, per-stage throttles and web application firewall.
 */
export class SignedApi extends Construct {
  readonly restApi: RestApi;
  readonly url: string;
  private readonly apiKeyRequired: boolean;
  /** By path: adds a method that is answered as the others are. */
  private readonly methods = new Map<string, (httpMethod: string) => void>();

  constructor(scope: Construct, id: string, given: SignedApiProps) {
    const { errorTemplate, apiKeyRequired = false, firewall = 'off', ...props } = given;
    super(scope, id);
    this.apiKeyRequired = apiKeyRequired;
    const answers = [
      ...[ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX].map((type) => ({ type, ...errorTemplate })),
      ...RETRY_AFTER_SECONDS.map(({ type, seconds }) => ({
        type,
        ...errorTemplate,
        headers: { 'Retry-After': String(seconds) },
      })),
    ];
    const defaultMethodOptions = {
      authorizationType: AuthorizationType.IAM,
      ...(apiKeyRequired ? { apiKeyRequired } : {}),
    };
    this.restApi = addRestApi(this, { ...props, throttle: props.stage.throttle, defaultMethodOptions }, answers);
    this.url = urlOf(this, this.restApi);
    if (firewall !== 'off') {
      new ApiFirewall(this, 'Firewall', { stage: props.stage, firewall, restApi: this.restApi });
    }
  }

  /**
   * Answers every method of a path and of all paths below it by a function.
   * @param path e.g. `/v2/models/births`; more specific paths win.
   * @param below whether paths below it go there too.
   */
  route(path: string, functionArn: string, { below }: { readonly below: boolean }): void {
    const resource = path === '/' ? this.restApi.root : this.restApi.root.resourceForPath(path);
    const integration = proxyTo(this, functionArn);
    resource.addMethod('ANY', integration);
    if (!below) return;
    const proxy = resource.addResource('{proxy+}');
    const add = (httpMethod: string): void => void proxy.addMethod(httpMethod, integration);
    add('ANY');
    this.methods.set(`${path}/{proxy+}`, add);
  }

  /** Names one method of a path that is answered by `ANY`, so that a usage plan can limit it. */
  nameMethod(path: string, httpMethod: 'POST'): void {
    const any = this.methods.get(path);
    assert(any !== undefined, `${path} is a path of the API`);
    any(httpMethod);
  }

  /** Answers every method of a path and of all paths below it by what a load balancer in a private network leads to. */
  routePrivately(path: string, target: PrivateTarget): void {
    this.addPrivateMethod(this.restApi.root.resourceForPath(path), path, target);
    this.routeBelowPrivately(path, target);
  }

  /** The same for the paths below it alone. */
  routeBelowPrivately(path: string, target: PrivateTarget): void {
    const below = this.restApi.root.resourceForPath(path).addResource('{proxy+}');
    const add = (httpMethod: string): void => this.addPrivateMethod(below, `${path}/{proxy}`, target, httpMethod);
    add('ANY');
    this.methods.set(`${path}/{proxy+}`, add);
  }

  /** An L1: the construct library knows no load balancer behind a link of the second version. */
  private addPrivateMethod(resource: IResource, path: string, target: PrivateTarget, httpMethod = 'ANY'): void {
    const hasProxy = path.endsWith('{proxy}');
    const method = new CfnMethod(resource, httpMethod, {
      restApiId: this.restApi.restApiId,
      resourceId: resource.resourceId,
      httpMethod,
      authorizationType: AuthorizationType.IAM,
      ...(this.apiKeyRequired ? { apiKeyRequired: true } : {}),
      requestParameters: hasProxy ? { 'method.request.path.proxy': true } : {},
      integration: {
        type: 'HTTP_PROXY',
        integrationHttpMethod: httpMethod,
        connectionType: 'VPC_LINK',
        connectionId: target.vpcLinkId,
        integrationTarget: target.loadBalancerArn,
        uri: `http://${target.host}${path}`,
        requestParameters: {
          ...(hasProxy ? { 'integration.request.path.proxy': 'method.request.path.proxy' } : {}),
          // Over whatever the caller sent: the server takes it for who called.
          [`integration.request.header.${CALLER_HEADER}`]: 'context.identity.userArn',
          // Always something: what has no value might leave the caller's own header as it is.
          [`integration.request.header.${API_KEY_ID_HEADER}`]: this.apiKeyRequired
            ? 'context.identity.apiKeyId'
            : `'${NO_API_KEY}'`,
        },
      },
    });
    const { latestDeployment } = this.restApi;
    latestDeployment?.node.addDependency(method);
    latestDeployment?.addToLogicalId({
      method: { path, target: this.node.path, ...(httpMethod === 'ANY' ? {} : { httpMethod }) },
    });
  }

  /** Lets the API invoke a function or an alias: one permission for all its routes. */
  mayInvoke(id: string, functionArn: string): void {
    permitInvoke(this, id, this.restApi, functionArn);
  }
}

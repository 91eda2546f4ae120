import { AuthorizationType, CfnMethod, type IResource, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { addRestApi, type PlatformRestApiProps, permitInvoke, proxyTo, urlOf } from './platform-rest-api.ts';

/** Who called, as the API found out, for a server that gets no event. */
export const CALLER_HEADER = 'X-Millrace-Caller';

/** A load balancer that the API reaches over a VPC link. */
export interface PrivateTarget {
  readonly vpcLinkId: string;
  readonly loadBalancerArn: string;
  readonly host: string;
}

export interface SignedApiProps extends Omit<PlatformRestApiProps, 'defaultMethodOptions' | 'throttle'> {
  /** Body of the errors that API Gateway answers itself; `$context` variables are filled in. */
  readonly errorTemplate: { readonly contentType: string; readonly body: string };
}

/**
 * A REST API whose every route asks for an AWS signature (SigV4), answered by functions. A REST API rather than an
 * HTTP API for its access policies, per-stage throttles and web application firewall.
 */
export class SignedApi extends Construct {
  readonly restApi: RestApi;
  readonly url: string;

  constructor(scope: Construct, id: string, { errorTemplate, ...props }: SignedApiProps) {
    super(scope, id);
    const answers = [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX].map((type) => ({ type, ...errorTemplate }));
    const defaultMethodOptions = { authorizationType: AuthorizationType.IAM };
    this.restApi = addRestApi(this, { ...props, throttle: props.stage.throttle, defaultMethodOptions }, answers);
    this.url = urlOf(this, this.restApi);
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
    if (below) resource.addResource('{proxy+}').addMethod('ANY', integration);
  }

  /** Answers every method of a path and of all paths below it by what a load balancer in a private network leads to. */
  routePrivately(path: string, target: PrivateTarget): void {
    this.addPrivateMethod(this.restApi.root.resourceForPath(path), path, target);
    this.routeBelowPrivately(path, target);
  }

  /** The same for the paths below it alone. */
  routeBelowPrivately(path: string, target: PrivateTarget): void {
    const below = this.restApi.root.resourceForPath(path).addResource('{proxy+}');
    this.addPrivateMethod(below, `${path}/{proxy}`, target);
  }

  /** An L1: the construct library knows no load balancer behind a link of the second version. */
  private addPrivateMethod(resource: IResource, path: string, target: PrivateTarget): void {
    const hasProxy = path.endsWith('{proxy}');
    const method = new CfnMethod(resource, 'ANY', {
      restApiId: this.restApi.restApiId,
      resourceId: resource.resourceId,
      httpMethod: 'ANY',
      authorizationType: AuthorizationType.IAM,
      requestParameters: hasProxy ? { 'method.request.path.proxy': true } : {},
      integration: {
        type: 'HTTP_PROXY',
        integrationHttpMethod: 'ANY',
        connectionType: 'VPC_LINK',
        connectionId: target.vpcLinkId,
        integrationTarget: target.loadBalancerArn,
        uri: `http://${target.host}${path}`,
        requestParameters: {
          ...(hasProxy ? { 'integration.request.path.proxy': 'method.request.path.proxy' } : {}),
          // Over whatever the caller sent: the server takes it for who called.
          [`integration.request.header.${CALLER_HEADER}`]: 'context.identity.userArn',
        },
      },
    });
    const { latestDeployment } = this.restApi;
    latestDeployment?.node.addDependency(method);
    latestDeployment?.addToLogicalId({ method: { path, target: this.node.path } });
  }

  /** Lets the API invoke a function or an alias: one permission for all its routes. */
  mayInvoke(id: string, functionArn: string): void {
    permitInvoke(this, id, this.restApi, functionArn);
  }
}

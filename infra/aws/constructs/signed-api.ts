import { AuthorizationType, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { addRestApi, type PlatformRestApiProps, permitInvoke, proxyTo, urlOf } from './platform-rest-api.ts';

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

  /** Lets the API invoke a function or an alias: one permission for all its routes. */
  mayInvoke(id: string, functionArn: string): void {
    permitInvoke(this, id, this.restApi, functionArn);
  }
}

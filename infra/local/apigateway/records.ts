/** REST APIs as the template describes them, and as a deployment froze them. */

export interface RestApiRecord {
  readonly id: string;
  readonly name: string;
  readonly rootResourceId: string;
  readonly binaryMediaTypes: readonly string[];
}

export interface ResourceRecord {
  readonly id: string;
  readonly apiId: string;
  /** Absent for the root. */
  readonly parentId?: string;
  readonly pathPart: string;
}

export interface MockResponse {
  readonly statusCode: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Integration =
  | { readonly type: 'AWS_PROXY'; readonly functionArn: string; readonly timeoutMs: number }
  /** A load balancer in the network that a VPC link leads to. */
  | {
      readonly type: 'HTTP_PROXY';
      readonly loadBalancerArn: string;
      readonly port: number;
      /** With path parameters in braces. */
      readonly path: string;
      /** Header → where its value is from: `context.…`, or a text in quotes. */
      readonly headers: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    }
  | { readonly type: 'MOCK'; readonly statusCode: string; readonly responses: readonly MockResponse[] };

export interface MethodRecord {
  readonly apiId: string;
  readonly resourceId: string;
  /** `ANY` or an HTTP method. */
  readonly httpMethod: string;
  readonly authorization: 'NONE' | 'AWS_IAM' | 'CUSTOM';
  /** Of `CUSTOM`. */
  readonly authorizerId?: string;
  readonly apiKeyRequired?: boolean;
  /** `method.request.querystring.<name>` and the like that a validator wants to be there. */
  readonly requiredParameters: readonly string[];
  readonly integration: Integration;
}

/** One resource with its methods, as a deployment keeps it. */
export interface DeployedRoute {
  readonly resourceId: string;
  /** `/models/{model}/{proxy+}`. */
  readonly path: string;
  readonly methods: Readonly<Record<string, MethodRecord>>;
}

export interface DeploymentRecord {
  readonly id: string;
  readonly apiId: string;
  readonly routes: readonly DeployedRoute[];
}

export interface MethodSetting {
  /** `*` or an HTTP method. */
  readonly httpMethod: string;
  /** `/*` or a resource's path. */
  readonly resourcePath: string;
  readonly rateLimit?: number;
  readonly burstLimit?: number;
  readonly metricsEnabled: boolean;
}

export interface StageRecord {
  readonly apiId: string;
  readonly name: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly methodSettings: readonly MethodSetting[];
  readonly accessLog?: { readonly logGroup: string; readonly format: string };
}

/** The form of API Gateway's own answers. */
export interface GatewayForm {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The template and the type that it is of; without one the answer keeps its body. */
  readonly contentType?: string;
  readonly template?: string;
}

export interface AuthorizerRecord {
  readonly id: string;
  readonly apiId: string;
  readonly name: string;
  readonly type: 'TOKEN' | 'REQUEST';
  readonly functionArn: string;
  /** `method.request.header.Authorization`, `context.…`, `stageVariables.…`. */
  readonly identitySources: readonly string[];
  /** A token that does not match it never reaches the function. */
  readonly identityPattern?: string;
  readonly cacheSeconds: number;
}

export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly enabled: boolean;
}

export interface RateLimits {
  readonly rateLimit: number;
  readonly burstLimit: number;
}

export interface UsagePlanRecord {
  readonly id: string;
  readonly name: string;
  readonly stages: readonly {
    readonly apiId: string;
    readonly stage: string;
    /** `/path/METHOD` → limits of each key there. */
    readonly throttles: Readonly<Record<string, RateLimits>>;
  }[];
  /** Limits of each key over the whole plan. */
  readonly throttle?: RateLimits;
  readonly quota?: {
    readonly limit: number;
    readonly period: 'DAY' | 'WEEK' | 'MONTH';
  };
  /** Ids of keys. */
  readonly keys: readonly string[];
}

/** Requests of one key counted against the quota of one plan. */
export interface UsageRecord {
  readonly periodStartMs: number;
  readonly count: number;
}

import { EVERY_WORKSPACE } from '../../shared/core/tracking-access/index.ts';

export interface InvokePolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Effect: 'Allow';
    readonly Action: 'execute-api:Invoke';
    readonly Resource: readonly string[];
  }[];
}

/** A star would match across slashes, and a path of one workspace may hold another's name: methods are named. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Paths without a workspace before them: a header selects it, which is looked at where the request is answered. */
const UNPREFIXED = ['api/*', 'ajax-api/*', 'v1/*', 'get-artifact', 'model-versions/*'] as const;

/**
 * What API Gateway lets the holder of a token invoke: every method below the token's workspaces.
 * @param methodArn of the request that is asked about: `arn:…:<api>/<stage>/<method>/<path>`.
 */
export const invokePolicy = (methodArn: string, workspaces: readonly string[]): InvokePolicy => {
  const stage = methodArn.split('/', 2).join('/');
  const paths = [...UNPREFIXED, ...workspaces.map((workspace) => `t/${workspace}/*`)];
  const resources = workspaces.includes(EVERY_WORKSPACE)
    ? [`${stage}/*`]
    : METHODS.flatMap((method) => paths.map((path) => `${stage}/${method}/${path}`));
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: resources }],
  };
};

import { describe, expect, it } from 'vitest';
import { invokePolicy } from '../../../../functions/authorize-tracking/invoke-policy.ts';
import { trackingRoutes } from '../../../../functions/tracking-api/routes.ts';
import { evaluate } from '../../../../infra/local/iam/policy/evaluate.ts';
import { compilePolicy } from '../../../../infra/local/iam/policy/policy-document.ts';
import { MOST_WORKSPACES } from '../../../../shared/core/tracking-access/index.ts';

const STAGE = 'arn:aws:execute-api:us-east-1:123456789012:abcdefghij/v1';

const allows = (workspaces: readonly string[], method: string, path: string): boolean => {
  const policy = invokePolicy(`${STAGE}/GET/t/a/version`, workspaces);
  const identity = compilePolicy(policy, 'identity');
  const request = {
    principal: { arns: [], accountId: '123456789012' },
    action: 'execute-api:Invoke',
    resource: `${STAGE}/${method}${path}`,
    values: () => undefined,
  };
  return evaluate(request, { identity, resource: undefined, resourceDecides: false }).allowed;
};

describe('what API Gateway lets the holder of a token invoke', () => {
  it('is every route of the API, with the workspace in the path and without', () => {
    const refused = trackingRoutes
      .filter(({ open }) => open !== true)
      .map(({ method, path, root }) => ({ method, path: `${root ? '' : '/api'}${path.replaceAll(/[{}+]/g, '')}` }))
      .filter(({ method, path }) => !allows(['a'], method, path) || !allows(['a'], method, `/t/a${path}`));

    expect(refused).toEqual([]);
  });

  it('is nothing below another workspace, whatever the path goes on with', () => {
    expect(allows(['a'], 'GET', '/t/b/api/2.0/mlflow/runs/get')).toBe(false);
    expect(allows(['a'], 'GET', '/t/ab/api/2.0/mlflow/runs/get')).toBe(false);
    expect(allows(['a'], 'PUT', '/t/b/api/2.0/mlflow-artifacts/artifacts/t/a/x')).toBe(false);
    expect(allows(['a'], 'PUT', '/t/b/api/2.0/mlflow-artifacts/artifacts/GET/api/x')).toBe(false);
  });

  it('is everything for a token of every workspace', () => {
    expect(allows(['*'], 'PATCH', '/t/b/api/2.0/mlflow/registered-models/update')).toBe(true);
  });

  it('fits into the 8 KB that API Gateway takes, with the most and longest workspaces', () => {
    const workspaces = Array.from({ length: MOST_WORKSPACES }, (_, i) => `${i}`.padStart(32, 'w'));

    expect(JSON.stringify(invokePolicy(`${STAGE}/GET/version`, workspaces)).length).toBeLessThan(8_000);
  });
});

import { describe, expect, it } from 'vitest';
import { workspaceOf } from '../../../../../shared/core/tracking-access/index.ts';

describe('the workspace of a request', () => {
  it.each([
    ['/api/2.0/mlflow/runs/get', undefined, 'default', '/api/2.0/mlflow/runs/get'],
    ['/t/team-a/api/2.0/mlflow/runs/get', undefined, 'team-a', '/api/2.0/mlflow/runs/get'],
    ['/api/2.0/mlflow/runs/get', 'team-a', 'team-a', '/api/2.0/mlflow/runs/get'],
    ['/t/team-a/version', 'team-a', 'team-a', '/version'],
    ['/t/team-a', undefined, 'team-a', '/'],
    ['/t/team-a/version', '', 'team-a', '/version'],
    ['/api/t/x/y', undefined, 'default', '/api/t/x/y'],
  ])('of %s with header %s is %s', (path, header, workspace, below) => {
    expect(workspaceOf(path, header)).toEqual({ workspace, path: below });
  });

  it.each(['', 'Team', '1a', 'a_b', 'a%2fb', '..', 'a'.repeat(33)])('has no such name as %j in a path', (name) => {
    expect(() => workspaceOf(`/t/${name}/version`, undefined)).toThrow('workspace must be 1 to 32 lower-case letters');
  });

  it('has no such name in a header', () => {
    expect(() => workspaceOf('/version', 'W/other')).toThrow('workspace must be 1 to 32');
  });

  it('is refused when path and header contradict each other', () => {
    expect(() => workspaceOf('/t/a/version', 'b')).toThrow(
      'the path selects workspace "a" and the header X-MLFLOW-WORKSPACE "b"',
    );
  });
});

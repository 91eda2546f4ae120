import { describe, expect, it } from 'vitest';
import { decideReconciliation, type ServingState } from '../../../../../shared/core/deployment/index.ts';

const serving: ServingState = {
  alias: { lambdaVersion: '3', weights: {} },
  restingLambdaVersion: '3',
  deployment: { version: 2, codeSha256: 'code-a' },
  deployedCodeSha256: 'code-a',
  newestApproved: { version: 2, rolloutBegun: true },
};

describe('decideReconciliation', () => {
  it('leaves a healthy endpoint alone', () => {
    expect(decideReconciliation(serving).kind).toBe('none');
  });

  it('leaves a running rollout alone, whatever the alias shows', () => {
    const alias = { lambdaVersion: '3', weights: { '4': 0.1 } };

    expect(decideReconciliation({ ...serving, alias, rollout: { rolloutId: 'r', executionRuns: true } }).kind).toBe(
      'none',
    );
  });

  it('gives a weighted alias without a rollout back to its champion', () => {
    const alias = { lambdaVersion: '3', weights: { '4': 0.1 } };

    expect(decideReconciliation({ ...serving, alias })).toMatchObject({ kind: 'restore', lambdaVersion: '3' });
  });

  it('frees the lease of a rollout whose execution ended without it', () => {
    const action = decideReconciliation({ ...serving, rollout: { rolloutId: 'r', executionRuns: false } });

    expect(action).toMatchObject({ kind: 'restore', lambdaVersion: '3', rolloutId: 'r' });
  });

  it('gives an alias back to the bootstrap version while no model is in service', () => {
    const { deployment: _, newestApproved: __, ...first } = serving;

    expect(decideReconciliation({ ...first, restingLambdaVersion: '1' })).toMatchObject({
      kind: 'restore',
      lambdaVersion: '1',
    });
  });

  it('rolls out an approved version whose approval started nothing', () => {
    const action = decideReconciliation({ ...serving, newestApproved: { version: 3, rolloutBegun: false } });

    expect(action).toMatchObject({ kind: 'roll out model', version: 3 });
  });

  it('does not roll out a version that was rolled back', () => {
    expect(decideReconciliation({ ...serving, newestApproved: { version: 3, rolloutBegun: true } }).kind).toBe('none');
  });

  it('rolls out code that a deploy changed', () => {
    const action = decideReconciliation({ ...serving, deployedCodeSha256: 'code-b' });

    expect(action).toMatchObject({ kind: 'roll out code', version: 2 });
  });

  it('settles a plan that is divided with neither a rollout nor an experiment', () => {
    const divided = decideReconciliation({ ...serving, routing: {} });
    const elsewhere = decideReconciliation({ ...serving, routing: { settledOn: 1 } });

    const restore = { kind: 'restore', lambdaVersion: '3', planVersion: 2 };
    expect(divided).toMatchObject({ ...restore, reason: 'the routing plan was divided without a rollout' });
    expect(elsewhere).toMatchObject(restore);
    expect(decideReconciliation({ ...serving, routing: { settledOn: 2 } }).kind).toBe('none');
    expect(decideReconciliation({ ...serving, routing: { experimentId: 'e' } }).kind).toBe('none');
  });

  it('settles the plan of a rollout whose execution ended without it, and leaves one alone that runs', () => {
    const rollout = { rolloutId: 'r', executionRuns: false };

    expect(decideReconciliation({ ...serving, routing: {}, rollout })).toMatchObject({
      rolloutId: 'r',
      planVersion: 2,
    });
    const running = { ...serving, routing: {}, rollout: { ...rollout, executionRuns: true } };
    expect(decideReconciliation(running).kind).toBe('none');
  });

  it('rolls out code before a version where a plan divides the requests, and after it elsewhere', () => {
    const both = { ...serving, deployedCodeSha256: 'code-b', newestApproved: { version: 3, rolloutBegun: false } };

    expect(decideReconciliation({ ...both, routing: { settledOn: 2 } })).toMatchObject({ kind: 'roll out code' });
    expect(decideReconciliation(both)).toMatchObject({ kind: 'roll out model' });
  });

  it('has a version wait for the end of an experiment', () => {
    const approved = { ...serving, newestApproved: { version: 3, rolloutBegun: false } };

    expect(decideReconciliation({ ...approved, routing: { experimentId: 'e' } })).toEqual({
      kind: 'none',
      reason: 'experiment e divides the traffic',
    });
  });
});

import { describe, expect, it } from 'vitest';
import {
  describePackaging,
  type ModelVersion,
  notePackaging,
  packagingFailure,
  planPackaging,
  requireUnpackaged,
} from '../../../../../shared/core/registry/index.ts';

const referenced: ModelVersion = {
  model: 'm',
  version: 3,
  status: 'REFERENCED',
  registeredAtMs: 1,
  updatedAtMs: 1,
  source: 's3://b/k',
  stage: 'None',
  description: '',
  tags: {},
};
const packaged: ModelVersion = {
  ...referenced,
  status: 'APPROVED',
  runId: 'run-1',
  modelDigest: 'd',
  artifactPrefix: 'models/m/d/',
  manifestDigest: 'm',
  metrics: {},
  trainedThroughMs: 1,
  datasetSnapshot: 's',
};
const pendingBy = (runId: string): ModelVersion => ({
  ...referenced,
  packaging: { state: 'PENDING', runId, atMs: 2 },
});

describe('packaging a client’s version', () => {
  it('starts for a reference to a defined model', () => {
    expect(planPackaging(referenced, true)).toEqual({ decision: 'start', version: referenced });
  });

  it.each<[string, ModelVersion, boolean, string]>([
    ['is packaged', packaged, true, 'm@3 has its package since run run-1'],
    ['is a prompt', { ...referenced, tags: { 'mlflow.prompt.is_prompt': 'true' } }, true, 'is a prompt'],
    ['is retired', { ...referenced, lifecycle: 'RETIRED' }, true, 'is RETIRED'],
    ['has no definition', referenced, false, 'it stays a reference to s3://b/k'],
  ])('leaves a version that %s', (_what, version, isDefined, reason) => {
    expect(planPackaging(version, isDefined)).toEqual({ decision: 'leave', reason: expect.stringContaining(reason) });
  });

  it.each<[string, ModelVersion, 'PENDING' | 'FAILED', boolean]>([
    ['begun', referenced, 'PENDING', true],
    ['begun again by the same run', pendingBy('run-1'), 'PENDING', false],
    ['begun by a later run', pendingBy('run-0'), 'PENDING', true],
    ['failed', pendingBy('run-1'), 'FAILED', true],
    ['failed before it was noted as begun', referenced, 'FAILED', true],
    ['failed while a later run is at work', pendingBy('run-2'), 'FAILED', false],
    ['failed beside one that packaged it', packaged, 'FAILED', false],
    ['failed for another version of the number', { ...referenced, registeredAtMs: 9 }, 'FAILED', false],
  ])('notes that it has %s', (_what, standing, state, isNoted) => {
    const note = notePackaging(standing, { registeredAtMs: 1, state, runId: 'run-1', atMs: 5 });

    expect(note).toEqual(isNoted ? { state, runId: 'run-1', atMs: 5 } : undefined);
  });

  it('is refused for a version that is packaged, another one, or retired', () => {
    expect(() => requireUnpackaged(referenced, 1)).not.toThrow();
    expect(() => requireUnpackaged(packaged, 1)).toThrow('another package since run run-1');
    expect(() => requireUnpackaged(referenced, 2)).toThrow('another one than the one that was checked');
    expect(() => requireUnpackaged({ ...referenced, lifecycle: 'RETIRED' }, 1)).toThrow('is RETIRED');
  });

  it('tells a refusal of what was brought from a failure of ours', () => {
    const cause = JSON.stringify({ errorMessage: 'model.onnx cannot be served: a' });

    expect(packagingFailure('InvalidRequestError', cause)).toEqual({
      state: 'REFUSED',
      reason: 'model.onnx cannot be served: a',
    });
    expect(packagingFailure('States.Timeout', 'late')).toEqual({ state: 'FAILED', reason: 'States.Timeout: late' });
  });

  it('is described for a person', () => {
    const by = (state: 'PENDING' | 'REFUSED' | 'FAILED' | 'PACKAGED') =>
      describePackaging({ status: 'APPROVED', packaging: { state, runId: 'run-1', atMs: 1, reason: 'why' } });

    expect(describePackaging(referenced)).toBeUndefined();
    expect((['PENDING', 'REFUSED', 'FAILED', 'PACKAGED'] as const).map(by)).toEqual([
      'being packaged for service by run run-1',
      'not packaged for service: why',
      'packaging failed: why',
      'packaged for service by run run-1: APPROVED',
    ]);
  });
});

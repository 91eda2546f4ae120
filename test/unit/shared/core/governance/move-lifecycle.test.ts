import { describe, expect, it } from 'vitest';
import { moveLifecycle } from '../../../../../shared/core/governance/move-lifecycle.ts';
import { type ModelVersion, requireApproved } from '../../../../../shared/core/registry/index.ts';

const at = (lifecycle?: 'RETIRED' | 'ARCHIVED') => ({ model: 'toy', version: 1, ...(lifecycle && { lifecycle }) });

describe('moving a version', () => {
  it.each([
    [undefined, 'retire', 'RETIRED'],
    ['RETIRED', 'retire', 'RETIRED'],
    ['RETIRED', 'reinstate', 'IN_USE'],
    [undefined, 'reinstate', 'IN_USE'],
    ['RETIRED', 'archive', 'ARCHIVED'],
    ['ARCHIVED', 'archive', 'ARCHIVED'],
  ] as const)('from %s by %s leads to %s', (from, move, to) => {
    expect(moveLifecycle(at(from), move)).toBe(to);
  });

  it.each([
    [undefined, 'archive', 'toy@1 is IN_USE: archive needs one that is RETIRED; allowed: retire'],
    ['ARCHIVED', 'reinstate', 'toy@1 is ARCHIVED: reinstate needs one that is RETIRED; allowed: nothing more'],
    ['ARCHIVED', 'retire', 'toy@1 is ARCHIVED: retire needs one that is IN_USE; allowed: nothing more'],
  ] as const)('from %s by %s is refused', (from, move, message) => {
    expect(() => moveLifecycle(at(from), move)).toThrow(message);
  });
});

it('a retired version may not be rolled out, though it is approved', () => {
  const version = { ...at('RETIRED'), modelDigest: 'd', status: 'APPROVED' } as unknown as ModelVersion;

  expect(() => requireApproved(version)).toThrow('version 1 of toy is RETIRED: it may not be rolled out any more');
});

import { expect, it } from 'vitest';
import { canonicalStage, requireArchivable } from '../../../../../shared/core/registry/index.ts';

it('knows the four stages in whatever case', () => {
  expect(['none', 'STAGING', 'Production', 'aRCHIVED'].map(canonicalStage)).toEqual([
    'None',
    'Staging',
    'Production',
    'Archived',
  ]);
  expect(() => canonicalStage('Deleted_Internal')).toThrow(
    'Invalid Model Version stage: Deleted_Internal. Value must be one of None, Staging, Production, Archived.',
  );
});

it('archives others only where a version becomes active', () => {
  expect(() => requireArchivable('Production')).not.toThrow();
  expect(() => requireArchivable('None')).toThrow("because 'None' is not an Active stage");
});

import { expect, it } from 'vitest';
import { isPackaged, type ModelVersion, requirePackaged } from '../../../../../shared/core/registry/index.ts';

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

it('takes a version without a package for no candidate, and says so', () => {
  expect(isPackaged(referenced)).toBe(false);
  expect(() => requirePackaged(referenced, 'rolled out')).toThrow(
    'model version m@3 has no package, only the source s3://b/k: it cannot be rolled out',
  );
});

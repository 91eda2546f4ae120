import { describe, expect, it } from 'vitest';
import { type DatasetInput, prepareDatasetInputs } from '../../../../../shared/core/tracking/index.ts';

const DATASET: DatasetInput = { name: 'n', digest: 'd', sourceType: 't', source: 's', tags: { context: 'train' } };

describe('the datasets of a call', () => {
  it('are taken up to their limits', () => {
    const full: DatasetInput = {
      ...DATASET,
      name: 'x'.repeat(500),
      digest: 'x'.repeat(36),
      source: 'x'.repeat(65_535),
      schema: 'x'.repeat(1_048_575),
      profile: '{}',
      tags: { ['x'.repeat(255)]: 'x'.repeat(500) },
    };

    expect(prepareDatasetInputs([full])).toEqual([full]);
  });

  it.each([
    ['name', { name: 'x'.repeat(501) }, 500],
    ['digest', { digest: 'x'.repeat(37) }, 36],
    ['source', { source: 'x'.repeat(65_536) }, 65_535],
    ['schema', { schema: 'x'.repeat(1_048_576) }, 1_048_575],
    ['profile', { profile: 'x'.repeat(16_777_216) }, 16_777_215],
    ['key', { tags: { ['x'.repeat(256)]: '' } }, 255],
    ['value', { tags: { x: 'x'.repeat(501) } }, 500],
  ])('have a bounded %s', (what, change, limit) => {
    expect(() => prepareDatasetInputs([{ ...DATASET, ...change }])).toThrow(
      `'${what}' exceeds the maximum length of ${limit} characters`,
    );
  });

  it('are at most 1,000', () => {
    expect(() => prepareDatasetInputs(Array.from({ length: 1_001 }, () => DATASET))).toThrow(
      /at most 1000 datasets, got 1001/,
    );
  });
});

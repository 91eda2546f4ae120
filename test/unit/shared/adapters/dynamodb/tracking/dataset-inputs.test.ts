import { expect, it } from 'vitest';
import { mergeDatasets } from '../../../../../../shared/adapters/dynamodb/tracking/dataset-inputs.ts';

const reference = (name: string, tags = {}, content = 'c') => ({
  name,
  digest: '1',
  sourceType: 's',
  source: 'u',
  tags,
  content,
});

it('keeps a dataset that is there, but for tags', () => {
  const standing = [reference('a', { x: '1' })];

  expect(mergeDatasets(standing, [reference('a', { y: '2' }, 'other'), reference('b')])).toEqual([
    reference('a', { x: '1', y: '2' }),
    reference('b'),
  ]);
  expect(mergeDatasets(standing, [reference('a', { x: '1' })])).toBe(standing);
});

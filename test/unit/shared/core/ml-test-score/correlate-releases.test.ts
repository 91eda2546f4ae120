import { expect, it } from 'vitest';
import { correlateReleases } from '../../../../../shared/core/ml-test-score/correlate-releases.ts';

const release = (offlineLoss: number, onlineLoss: number, version = 1) => ({
  version,
  offlineLoss,
  onlineLoss,
  where: '',
  atMs: 0,
});

it('is Pearson’s correlation with Fisher’s interval', () => {
  // By hand: offline 1, 2, 3, 4, 5 and online 2, 1, 4, 3, 5 give 8 / 10; atanh(0.8) ± 1.96 / √2.
  const found = correlateReleases([1, 2, 3, 4, 5].map((offline, i) => release(offline, [2, 1, 4, 3, 5][i] ?? 0)));

  expect(found?.value).toBeCloseTo(0.8, 12);
  expect(found?.lower).toBeCloseTo(-0.279_64, 6);
  expect(found?.upper).toBeCloseTo(0.986_196_2, 6);
});

it('is not known of three releases, nor where one side never changes', () => {
  expect(correlateReleases([release(1, 1), release(2, 2), release(3, 3)])).toBeUndefined();
  expect(correlateReleases([release(1, 1), release(1, 2), release(1, 3), release(1, 4)])).toBeUndefined();
});

it('has a finite interval where both go together exactly', () => {
  const found = correlateReleases([1, 2, 3, 4].map((loss) => release(loss, 2 * loss)));

  expect(found?.value).toBeCloseTo(1, 12);
  expect(found?.lower).toBeGreaterThan(0.99);
});

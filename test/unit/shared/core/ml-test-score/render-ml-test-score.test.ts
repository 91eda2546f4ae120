import { expect, it } from 'vitest';
import {
  mlTestScoreSections,
  renderMlTestScore,
  scoreModelTests,
} from '../../../../../shared/core/ml-test-score/index.ts';
import { completeRecords, vouched } from '../../../../helpers/model-records.ts';

const at = { day: '2026-11-21', earlier: [] };
const day = (name: string, score: number) => ({
  day: name,
  score,
  sections: { data: score, model: 7, infrastructure: 7, monitoring: 7 },
});

it('shows each item with its points, its evidence and where it is, or what is missing', () => {
  const records = completeRecords({ reproductions: [], attestations: [vouched('data-5')], scores: [] });

  const page = renderMlTestScore(scoreModelTests(records, at));

  expect(page.match(/<details>/g)).toHaveLength(28);
  expect(page).toContain('artifacts: models/toy/d/report.json, 2026-11-02');
  expect(page).toContain('no version was ever trained again');
  expect(page).toContain('ann on 2026-11-21, until 2027-05-20: reviewed by hand, see the wiki');
  expect(page).toContain('millrace reproduce toy@2');
});

it('draws the trend once there are two days', () => {
  const records = completeRecords();

  expect(mlTestScoreSections(scoreModelTests(records, at))[0]).not.toContain('<svg');
  const [overview] = mlTestScoreSections(scoreModelTests(records, { ...at, earlier: [day('2026-11-20', 2)] }));
  expect(overview).toContain('From 2 on 2026-11-20 to 7 on 2026-11-21.');
  expect(overview).toContain('<svg');
});

it('writes whatever is on record as text', () => {
  const hostile = '<script>alert("x")</script>';
  const records = completeRecords({ attestations: [{ ...vouched('data-5'), note: hostile, by: hostile }], scores: [] });

  const page = renderMlTestScore(scoreModelTests(records, at));

  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toContain('<script');
});

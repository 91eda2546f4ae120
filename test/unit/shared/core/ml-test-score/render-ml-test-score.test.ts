import { expect, it } from 'vitest';
import { mlTestScorePart, renderMlTestScore, scoreModelTests } from '../../../../../shared/core/ml-test-score/index.ts';
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

  expect(mlTestScorePart(scoreModelTests(records, at))).not.toContain('<svg');
  const part = mlTestScorePart(scoreModelTests(records, { ...at, earlier: [day('2026-11-20', 2)] }));
  expect(part).toContain('From 2 on 2026-11-20 to 7 on 2026-11-21.');
  expect(part).toContain('<svg');
});

it('tells on a page of its own what it tells as a part of another', () => {
  const score = scoreModelTests(completeRecords({ reproductions: [], scores: [] }), at);

  const [page, part] = [renderMlTestScore(score), mlTestScorePart(score)];

  expect(part.match(/<details>/g)).toHaveLength(28);
  for (const { title, points } of score.sections) expect(part).toContain(`<h3>${title}: ${points} of 7</h3>`);
  expect(part).not.toContain('<section');
  for (const block of part.match(/<details>.*<\/details>/g) ?? []) expect(page).toContain(block);
});

it('writes whatever is on record as text', () => {
  const hostile = '<script>alert("x")</script>';
  const records = completeRecords({ attestations: [{ ...vouched('data-5'), note: hostile, by: hostile }], scores: [] });

  const page = renderMlTestScore(scoreModelTests(records, at));

  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toContain('<script');
});

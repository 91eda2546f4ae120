import { expect, it } from 'vitest';
import { scoreLines } from '../../../../infra/commands/score-table.ts';
import { scoreModelTests } from '../../../../shared/core/ml-test-score/index.ts';
import { completeRecords, vouched } from '../../../helpers/model-records.ts';

const day = { day: '2026-11-20', score: 2, sections: { data: 2, model: 7, infrastructure: 7, monitoring: 7 } };

it('tells each item with what it rests on, what is missing, the trend and what raises it', () => {
  const records = completeRecords({ reproductions: [], scores: [], attestations: [vouched('data-5')] });

  const told = scoreLines(scoreModelTests(records, { day: '2026-11-21', earlier: [day] }));

  expect(told).toContain('toy: ML Test Score 3.5 of 7 on 2026-11-21, version 2 in service');
  expect(told).toContain('  0.5  data-5            The data pipeline has appropriate privacy controls');
  expect(told).toContain('         + ann vouches until 2027-05-20: reviewed by hand, see the wiki');
  expect(told).toContain('         − no version was ever trained again');
  expect(told).toContain('           artifacts: models/toy/d/evaluation.json (2026-11-02)');
  expect(told).toContain('trend: 2026-11-20 2, 2026-11-21 3.5');
  expect(told).toMatch(/what raises it, cheapest first:\n {2}data-3 +→ 0\.5 +attest /);
});

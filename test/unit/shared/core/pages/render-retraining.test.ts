import { expect, it } from 'vitest';
import { parseJsonFile, toJsonFile } from '../../../../../shared/contracts/json-file.ts';
import { RetrainingWorthSchema } from '../../../../../shared/contracts/retraining-worth.ts';
import { renderRetraining } from '../../../../../shared/core/pages/render-retraining.ts';
import { retrainingStory } from '../../../../../shared/core/pages/retraining-story.ts';

const interval = { mean: 14, lower: 7, upper: 21, confidence: 0.95 };
/** As the release before the source of the number was told has written it. */
const OLD = {
  schemaVersion: 1,
  model: 'toy',
  runId: 'alarm-1',
  asOfMs: 7,
  decision: 'retrain',
  reason: 'retraining is worth it: over 28 days of 9000 predictions it saves 14.00 $',
  value: { of: 'loss', usdPerUnit: 0.1, predictionsPerDay: 9_000, horizonDays: 28, gainUsd: interval },
  costUsd: 0.02,
  estimateCostUsd: 0.001,
};
const CAPTURED = { kind: 'captured', dayCount: 28, throughDay: '2001-03-04' };

const RUN = { model: 'toy', runId: 'alarm-1', executionArn: 'arn', cause: {}, status: 'FINISHED', startedAtMs: 5 };

const render = (record: unknown): string => renderRetraining(retrainingStory([RUN as never], () => record as never));

it('says of a run that ended without a version that it did', () => {
  const ends = ['FINISHED', 'FAILED', 'RUNNING'].map((status) => ({ ...RUN, status }));

  const [finished, failed, running] = ends.map((run) =>
    renderRetraining(retrainingStory([run as never], () => undefined)),
  );

  expect(finished).toContain('>finished, no version<');
  expect(renderRetraining(retrainingStory([{ ...RUN, version: 2 } as never], () => undefined))).toContain('>finished<');
  expect(failed).toContain('>failed<');
  expect(running).toContain('>running<');
});

it.each([
  ['with its source', { ...OLD.value, predictionsFrom: CAPTURED }, ' (captured over 28 days to 2001-03-04)'],
  ['as an older record has it', OLD.value, ''],
])('says what the gain in dollars is counted on, %s', (_, value, source) => {
  const record = parseJsonFile(RetrainingWorthSchema, toJsonFile({ ...OLD, value }), 'retraining-worth.json');

  expect(render(record)).toContain(`$14 against $0.02, 28 days at 9000 predictions a day${source}<`);
});

import { describe, expect, it } from 'vitest';
import {
  type NotificationEvent,
  type PictureFacts,
  pictureFile,
  pictureOf,
} from '../../../../../shared/core/notifications/index.ts';
import { drawnEvaluation } from '../../../../helpers/drawn-evaluation.ts';
import { drawnRollout } from '../../../../helpers/judged-rollouts.ts';
import { agedModels, weighedRun } from '../../../../helpers/weighed-run.ts';

const htmlOf = (event: NotificationEvent, facts: PictureFacts): string => {
  const picture = pictureOf(event, facts);
  if (picture.missing !== undefined) throw new Error(picture.missing);
  return picture.html;
};

const titles = (html: string): readonly (string | undefined)[] =>
  [...html.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title);

/** Heights of the hollow dots, one a day, and of the full one, the mean. */
const heights = (html: string, of: string): readonly number[] =>
  [...html.matchAll(new RegExp(`<circle class="dot ${of}" cx="[^"]*" cy="([^"]*)"`, 'g'))].map(([, y]) => Number(y));

describe('the picture of a retraining', () => {
  it('is the gain by day and its mean with the interval, above what it must gain to pay, and what age costs', () => {
    const html = htmlOf('retraining', { retraining: { worth: weighedRun(), staleness: agedModels() } });

    expect(titles(html)).toEqual(['What retraining would have gained', 'Added loss by age of the model']);
    expect(html).toContain('Less loss of a prediction on 7 days: 0.016, between 0.011 and 0.021; it pays above 0.002.');
    const [days, [mean = Number.NaN]] = [heights(html, 'champion'), heights(html, 'candidate')];
    expect(days).toHaveLength(7);
    // The fourth day gained what all of them did in the mean.
    expect(mean).toBeCloseTo(days[3] ?? 0, 1);
    // Higher is less of y: the line of what it must gain lies below every day.
    const [, paysAt = ''] = /<line class="dashed"[^>]* y1="([^"]+)"/.exec(html) ?? [];
    expect(Number(paysAt)).toBeGreaterThan(Math.max(...days));
    expect(html).toContain('>pays above</text>');
  });

  it('is in costs of decisions where the decision was made by them', () => {
    const { backTest, value } = weighedRun();
    if (backTest === undefined || value === undefined) throw new Error('a weighed run has both');
    const days = backTest.days.map((day) => ({ ...day, incumbentCost: 3, candidateCost: 2.5 }));
    const costGain = { mean: 0.5, lower: 0.4, upper: 0.6, confidence: 0.95 };
    const worth = weighedRun({ backTest: { ...backTest, days, costGain }, value: { ...value, of: 'costs' } });

    const html = htmlOf('retraining', { retraining: { worth } });

    expect(html).toContain('Less cost of a prediction on 7 days: 0.5, between 0.4 and 0.6');
    expect(new Set(heights(html, 'champion'))).toEqual(new Set(heights(html, 'candidate')));
  });

  it('draws no line of what it must gain where nobody knows what it costs or what it is worth', () => {
    const { costUsd: _, ...unpriced } = weighedRun();
    const { value: __, ...valueless } = weighedRun();

    for (const worth of [unpriced, valueless]) {
      const html = htmlOf('retraining', { retraining: { worth } });

      expect(html).not.toContain('pays above');
      expect(html).not.toContain('dashed line');
      expect(titles(html)).toEqual(['What retraining would have gained']);
    }
  });

  it('is missing where nothing could be back-tested, and says so', () => {
    const { backTest: _, ...untested } = weighedRun();

    expect(pictureOf('retraining', { retraining: { worth: untested } })).toEqual({
      missing: 'no back-test was found',
    });
  });
});

describe('the picture of a rollout', () => {
  it('is the confidence sequence that showed the canary to be worse, before those of the whole traffic', () => {
    const html = htmlOf('rollout', { rollout: drawnRollout({ version: 3, errorShare: 0.05 }) });

    expect(titles(html)).toEqual(['errors, whole traffic', 'slow, whole traffic', 'prediction, whole traffic']);
    expect(html).toContain('shown worse');
    expect(html).toContain('>margin</text>');
  });

  it('has the slice first in which it was worse', () => {
    const facts = drawnRollout({ version: 3, errorShare: 0.02 });
    const looks = facts.looks.map((look) => ({
      ...look,
      rows: look.rows.map((row) =>
        row.metric === 'slow' && row.slice === 'long-haul' ? { ...row, eValueAbort: row.abortAt } : row,
      ),
    }));

    expect(titles(htmlOf('rollout', { rollout: { ...facts, looks } }))[0]).toBe('slow, long-haul');
  });

  it('is that of its version against the champion before its first look, and missing where nothing is compared', () => {
    const bare = { ...drawnRollout({ version: 3, errorShare: 0.02 }), looks: [] };

    expect(pictureOf('rollout', { rollout: bare }).missing).toContain('no comparison');
    expect(titles(htmlOf('rollout', { evaluation: drawnEvaluation() }))).toEqual(['Loss by day']);
  });
});

describe('the picture of a version that waits', () => {
  it('is champion and challenger by day, with the interval of their difference', () => {
    const html = htmlOf('approval', { evaluation: drawnEvaluation() });

    expect(titles(html)).toEqual(['Loss by day']);
    expect(html).toContain('champion, version 1');
    expect(html).toContain('mean difference −0.021, 95 % interval −0.03 to −0.012');
    expect(html.match(/class="line (candidate|champion|baseline)"/g)).toHaveLength(3);
  });

  it('is a bar of each where the holdout is one day', () => {
    const whole = drawnEvaluation();
    const days = { candidate: whole.days.candidate.slice(0, 1), champion: whole.days.champion?.slice(0, 1) ?? [] };

    const html = htmlOf('approval', { evaluation: { ...whole, days } });

    expect(titles(html)).toEqual(['Log loss on the holdout']);
    expect(html).toMatch(/candidate.*champion, version 1.*baseline/s);
  });
});

describe('a picture as a file', () => {
  it('is the first figure alone, whole, with the colours that it needs', () => {
    const file = pictureFile(pictureOf('rollout', { rollout: drawnRollout({ version: 3, errorShare: 0.05 }) }));

    expect(titles(file ?? '')).toEqual(['errors, whole traffic']);
    expect(file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*><style>/);
    expect(file?.match(/<svg /g)?.length).toBe(file?.match(/<\/svg>/g)?.length);
    expect(pictureFile({ missing: 'nothing' })).toBeUndefined();
  });
});

it('of served features that training would compute otherwise is the share of each, and of other alarms there is none', () => {
  const served = [
    { name: 'distance', differingShare: 0.02 },
    { name: 'same', differingShare: 0 },
    { name: 'wind', differingShare: 0.3 },
  ];

  const html = htmlOf('alarm', { skew: { served } });

  expect(html).toContain('wind 0.30, distance 0.020.');
  expect(html).not.toContain('same');
  expect(pictureOf('alarm', {})).toEqual({ missing: 'an alarm rings on a metric, which CloudWatch draws' });
});

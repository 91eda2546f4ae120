import { type EvaluationDetails, renderBars, renderEvaluationKey, renderLossByDay } from '../reports/index.ts';

/** Fewer do not make a line. */
const FEWEST_DAYS = 2;

/** A version beside the champion on the holdout: by day, and over all of it where there is but one. */
export const pictureOfVersion = (details: EvaluationDetails): string => {
  if (details.days.candidate.length >= FEWEST_DAYS)
    return `${renderEvaluationKey(details)}\n${renderLossByDay(details)}`;
  const { quality, baseline, championVersion, task } = details;
  const title = `${task === 'regression' ? 'RMSE' : 'Log loss'} on the holdout`;
  const bars = [
    { name: 'candidate', value: quality.candidate.loss, of: 'candidate' },
    ...(quality.champion === undefined
      ? []
      : [{ name: `champion, version ${championVersion}`, value: quality.champion.loss, of: 'champion' } as const]),
    { name: 'baseline', value: baseline.loss, of: 'baseline' },
  ] as const;
  const description = `${title}: ${bars.map(({ name, value }) => `${name} ${value.toPrecision(3)}`).join(', ')}.`;
  return renderBars({ title, description, groups: [bars] });
};

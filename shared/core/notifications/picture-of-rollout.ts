import { type RolloutFacts, renderEvidence, renderNote, reportRollout, timeRangeOf } from '../reports/index.ts';

const MOST_CHARTS = 6;

/** The confidence sequences that a rollout was judged by: where it was shown to be worse first. Undefined without a look. */
export const pictureOfRollout = (facts: RolloutFacts): string | undefined => {
  const report = reportRollout(facts);
  const worse = report.evidence.filter(({ shown }) => shown?.what === 'worse');
  const whole = report.evidence.filter((series) => series.slice === 'all' && !worse.includes(series));
  const shown = [...worse, ...whole].slice(0, MOST_CHARTS);
  if (shown.length === 0) return undefined;
  return [
    renderNote(
      'The canary’s mean less the champion’s, with its confidence sequence. Where the whole band lies above zero (or what is tolerated) the canary is worse; where it lies below the margin it is not worse by that much.',
    ),
    ...renderEvidence(shown, report, timeRangeOf(report)),
  ].join('\n');
};

import {
  escapeHtml,
  type RolloutReport,
  renderFacts,
  renderLink,
  renderNote,
  renderText,
  renderWholeEvidence,
  shortNumber,
  timeOf,
  timeRangeOf,
} from '../reports/index.ts';
import { type PagePlace, rolloutHref, timelineHref } from './page-place.ts';

const STATES = {
  RUNNING: { text: '… runs', of: '' },
  PROMOTED: { text: '✓ promoted', of: 'passed' },
  ROLLED_BACK: { text: '✗ rolled back', of: 'refused' },
  FAILED: { text: '✗ failed', of: 'refused' },
} as const;

/** The newest rollout: where it stands, and the confidence sequence of each thing that it is judged by. */
export const renderCanary = (report: RolloutReport, place: PagePlace): string => {
  const { model, rolloutId, kind, version, previousVersion, status, startedAtMs, endedAtMs, shifts } = report;
  const { text, of } = STATES[status];
  const weight = shifts.at(-1)?.weight;
  const why = report.reason ?? report.lastLook?.reason;
  const charts = renderWholeEvidence(report, timeRangeOf(report));
  return [
    `<p><strong class="${of}">${escapeHtml(text)}</strong></p>`,
    why === undefined ? '' : renderText(why),
    renderFacts([
      ['tried', kind === 'code' ? `new code, with version ${version}` : `version ${version}`],
      ['against', previousVersion === undefined ? 'nothing: no version was in service' : `version ${previousVersion}`],
      ['started', timeOf(startedAtMs)],
      ['ended', timeOf(endedAtMs)],
      ['traffic', weight === undefined ? undefined : `${shortNumber(100 * weight)} %`],
      ['looks', String(report.lookCount)],
      ['forecast', report.forecast?.text],
    ]),
    ...(charts.length === 0
      ? [renderNote('No confidence sequence: nothing was compared, or this rollout is from before evidence was kept.')]
      : [
          renderNote(
            'The canary’s mean less the champion’s, with its confidence sequence: it may be read at any look. Where the whole band lies above zero (or what is tolerated) the canary is worse; where it lies below the margin it is not worse by that much.',
          ),
          ...charts,
        ]),
    place === 'api'
      ? `<p>${renderLink({ href: rolloutHref(place, model, rolloutId), text: 'The whole report of this rollout' })} · ${renderLink({ href: timelineHref(model), text: 'All rollouts' })}</p>`
      : '',
  ].join('\n');
};

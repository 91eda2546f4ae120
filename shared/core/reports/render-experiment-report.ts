import type { ExperimentResults } from '../routing/index.ts';
import { type Range, shortNumber } from './chart-scales.ts';
import type { ArmComparison } from './compare-arms.ts';
import { renderEvidenceChart, tellDifference } from './evidence-chart.ts';
import { renderFacts, renderKey, renderNote, renderSection, renderTable, renderText } from './html-blocks.ts';
import { escapeHtml, htmlPage } from './html-page.ts';
import { cardPath, TIMELINE_PATH } from './report-paths.ts';
import { timeOf } from './tell-time.ts';

export interface ExperimentReport extends ExperimentResults {
  readonly model: string;
  /** Whether everything that was captured is counted. */
  readonly complete: boolean;
  readonly comparisons: readonly ArmComparison[];
}

const percent = (share: number): string => `${shortNumber(100 * share)} %`;

const ratioSection = ({ sampleRatio: { skewed, pValue } }: ExperimentReport): string => {
  const word = skewed
    ? '<strong class="refused">✗ Skewed</strong>'
    : '<strong class="passed">✓ As it should be</strong>';
  const meaning = skewed
    ? 'Versions did not get the shares that they should: assignment, capture or a crash loses units of one side, and nothing below can be trusted.'
    : 'Versions got the shares that they should, as far as chance allows.';
  return renderSection(
    'Sample ratio',
    `<p>${word}</p>`,
    renderText(meaning),
    renderNote(
      `The chance to see this or more at any time while the shares hold is at most ${shortNumber(pValue)}; below 0.001 it is an alarm.`,
    ),
  );
};

const armsSection = ({ results, control }: ExperimentReport): string =>
  renderSection(
    'Versions',
    renderTable({
      label: 'Units and outcomes by version',
      columns: ['version', 'share', 'units', 'predictions', 'failures', 'mean prediction'],
      rows: results.map(({ version, share, unitCount, predictionCount, failureCount, meanOutput }) => [
        { href: `../${cardPath(version)}`, text: version === control ? `${version} (control)` : `${version}` },
        percent(share),
        unitCount,
        predictionCount,
        failureCount,
        meanOutput,
      ]),
    }),
  );

const comparisonSection = ({ version, control, alpha, evidence }: ArmComparison, timeRange: Range): string => {
  const charts = evidence.map((series) => {
    const { shown } = series;
    const moments = shown === undefined ? [] : [{ at: shown.throughMs, text: 'shown to differ', of: 'mark' } as const];
    const title = `${series.metric}, version ${version} less version ${control}`;
    return `<h3>${escapeHtml(series.metric)}</h3>\n${renderEvidenceChart({ ...series, title, timeRange, moments })}`;
  });
  return renderSection(
    `Version ${version} against ${control}`,
    renderNote(
      `Where the whole band lies on one side of zero the versions differ. It may be read at any time: where they do not differ it shows so with a chance of at most ${percent(alpha)}.`,
    ),
    ...charts,
    renderTable({
      label: `Version ${version} against ${control}`,
      columns: ['metric', 'units', 'of the control', 'difference', 'confidence sequence', 'shown'],
      rows: evidence.map(({ metric, kind, last, shown }) => [
        metric,
        last.units.canary,
        last.units.champion,
        tellDifference(kind, last.estimate),
        `${tellDifference(kind, last.lower)} to ${tellDifference(kind, last.upper)}`,
        shown === undefined ? 'nothing' : 'a difference',
      ]),
    }),
  );
};

/** The experiment as one page that needs nothing else. */
export const renderExperimentReport = (report: ExperimentReport): string => {
  const { model, experimentId, startedAtMs, endedAtMs, complete, comparisons } = report;
  const room = (endedAtMs - startedAtMs) * 0.02;
  const timeRange: Range = [startedAtMs - room, endedAtMs + room];
  const compared = comparisons.filter(({ evidence }) => evidence.length > 0);
  return htmlPage({
    title: `Experiment ${experimentId} of ${model}`,
    links: [{ href: `../${TIMELINE_PATH}`, text: `All rollouts of ${model}` }],
    sections: [
      renderSection(
        'Time',
        renderFacts([
          ['from', timeOf(startedAtMs)],
          ['until', timeOf(endedAtMs)],
        ]),
        ...(complete ? [] : [renderNote('Too much was captured to be read at once: what follows is of a part of it.')]),
      ),
      ratioSection(report),
      armsSection(report),
      ...(compared.length === 0
        ? [renderSection('Comparison', renderText('Nothing was captured yet.'))]
        : [
            renderKey([{ of: 'candidate', text: 'difference, in its confidence sequence' }]),
            ...compared.map((comparison) => comparisonSection(comparison, timeRange)),
          ]),
    ],
  });
};

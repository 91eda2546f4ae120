import { mlTestScorePart } from '../ml-test-score/index.ts';
import { escapeHtml, htmlPage, renderVersionDrift, timeOf } from '../reports/index.ts';
import type { ModelPage } from './model-page.ts';
import type { ModelSummary, Stand } from './model-summary.ts';
import { renderNotifications } from './notification-list.ts';
import { fleetPageHref, PARTS, type PagePlace } from './page-place.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGES_STYLE } from './pages-style.ts';
import { renderCanary } from './render-canary.ts';
import { renderDistributions } from './render-distributions.ts';
import { renderHeatMap } from './render-heat-map.ts';
import { renderLineage } from './render-lineage.ts';
import { renderQuality } from './render-quality.ts';
import { renderRetraining } from './render-retraining.ts';
import { renderSlices } from './slice-table.ts';
import { renderTests } from './test-table.ts';
import { toldSection } from './told.ts';

const card = (name: string, { standing, text, detail }: Stand): string =>
  `<div><b>${name}</b><p class="state ${standing}">${escapeHtml(text)}</p><p class="note">${escapeHtml(detail)}</p></div>`;

/** How a model stands, in a few cards. */
export const renderSummary = (summary: ModelSummary): string => {
  const { version, traffic, drift, quality, tests, canary, retraining, score } = summary;
  return `<div class="cards">${[
    card('In service', version),
    card('Traffic', traffic),
    card('Drift', drift),
    card('Quality', quality),
    card('Tests', tests),
    card('Canary', canary),
    card('Last retraining', retraining),
    card('ML Test Score', score),
  ].join('')}</div>`;
};

/** Everything about a model on one page that needs nothing else. */
export const renderModelPage = (page: ModelPage, place: PagePlace): string => {
  const { model, summary } = page;
  const lineage = { model, place };
  const parts: readonly (readonly [id: string, title: string, html: (id: string, title: string) => string])[] = [
    [
      PARTS.heatMap,
      'Drift by feature and day',
      (id, title) =>
        toldSection({ id, title }, page.heatMap, (map) =>
          [renderHeatMap(map), ...renderVersionDrift(page.versionDrift)].join('\n'),
        ),
    ],
    [
      PARTS.distributions,
      'Distributions',
      (id, title) => toldSection({ id, title }, page.distributions, renderDistributions),
    ],
    [PARTS.quality, 'Quality over time', (id, title) => toldSection({ id, title }, page.quality, renderQuality)],
    [PARTS.slices, 'Slices', (id, title) => toldSection({ id, title }, page.slices, renderSlices)],
    [PARTS.tests, 'Tests', (id, title) => toldSection({ id, title }, page.tests, renderTests)],
    [
      PARTS.canary,
      'Newest rollout',
      (id, title) => toldSection({ id, title }, page.canary, (report) => renderCanary(report, place)),
    ],
    [PARTS.retraining, 'Retraining', (id, title) => toldSection({ id, title }, page.retraining, renderRetraining)],
    [
      PARTS.lineage,
      'Lineage',
      (id, title) => toldSection({ id, title }, page.lineage, (picture) => renderLineage(picture, lineage)),
    ],
    [
      PARTS.notifications,
      'Notifications',
      (id, title) => toldSection({ id, title }, page.notifications, renderNotifications),
    ],
    [PARTS.score, 'ML Test Score', (id, title) => toldSection({ id, title }, page.score, mlTestScorePart)],
  ];
  const { description, owner } = summary;
  return htmlPage({
    title: model,
    links: [
      { href: fleetPageHref(place), text: 'All models' },
      ...parts.map(([id, title]) => ({ href: `#${id}`, text: title })),
    ],
    lead: `<p>${escapeHtml(description)} <span class="note">Owner: ${escapeHtml(owner)}.</span></p>
<p class="note">Read at ${escapeHtml(timeOf(page.atMs) ?? '')}. ${place === 'api' ? '<a class="button" href="?">Refresh</a>' : ''}</p>
${renderSummary(summary)}`,
    sections: parts.map(([id, title, html]) => html(id, title)),
    style: PAGES_STYLE,
    script: PAGE_SCRIPT,
  });
};

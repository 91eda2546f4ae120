import { escapeHtml, htmlPage, renderNote, renderText, timeOf } from '../reports/index.ts';
import { type ModelSummary, type Stand, worstFirst } from './model-summary.ts';
import { modelPageHref, type PagePlace } from './page-place.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGES_STYLE } from './pages-style.ts';
import { renderSparkline } from './render-sparkline.ts';

/** Every model of a stage. */
export interface Fleet {
  readonly stage: string;
  readonly atMs: number;
  readonly models: readonly ModelSummary[];
  /** Models of the stage that no check has looked at yet. */
  readonly unchecked?: readonly string[];
}

const MARKS = { bad: '✗ ', warned: '▲ ', well: '', unknown: '' } as const;

const standCell = ({ standing, text, detail }: Stand): string =>
  `<td><span class="state ${standing}">${escapeHtml(`${MARKS[standing]}${text}`)}</span><small>${escapeHtml(detail)}</small></td>`;

const COLUMNS = [
  'model',
  'drift evidence',
  'drift',
  'quality',
  'tests',
  'traffic',
  'in service',
  'canary',
  'last retraining',
  'ML Test Score',
] as const;

const rowOf = (summary: ModelSummary, place: PagePlace): string => {
  const { model, owner, description, drift, quality, tests, traffic, version, canary, retraining, score } = summary;
  const name = `<th scope="row"><a href="${escapeHtml(modelPageHref(place, model))}">${escapeHtml(model)}</a><small>${escapeHtml(description === '' ? owner : `${description} (${owner})`)}</small></th>`;
  const stands = [drift, quality, tests, traffic, version, canary, retraining, score].map(standCell);
  return `<tr>${name}<td>${renderSparkline(model, summary.trend)}</td>${stands.join('')}</tr>`;
};

/** A row a model, the worst first; what is typed leaves the rows that hold every word. */
export const renderFleet = ({ models, unchecked = [] }: Fleet, place: PagePlace): string => {
  const waiting = unchecked.length === 0 ? '' : renderNote(`No check has looked at ${unchecked.join(', ')} yet.`);
  if (models.length === 0) {
    return waiting === '' ? renderText('The stage has no models: add a folder to models/ and deploy.') : waiting;
  }
  const head = COLUMNS.map((name) => `<th scope="col">${name}</th>`).join('');
  const rows = worstFirst(models).map((summary) => rowOf(summary, place));
  return `<p class="filter" hidden><label for="filter">Filter</label><input id="filter" type="search" data-filter="fleet" autocomplete="off"> <span role="status"></span></p>
<div class="wide" role="group" aria-label="Models" tabindex="0"><table id="fleet" class="fleet"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>${waiting}`;
};

/** Every model of a stage on one page that needs nothing else. */
export const renderFleetPage = (fleet: Fleet, place: PagePlace): string =>
  htmlPage({
    title: `Models of stage ${fleet.stage}`,
    lead: `<p class="note">Read at ${escapeHtml(timeOf(fleet.atMs) ?? '')}. The worst stands first. ${place === 'api' ? '<a class="button" href="?">Refresh</a>' : ''}</p>`,
    sections: [renderFleet(fleet, place)],
    style: `${PAGES_STYLE}body { max-width: 96rem }`,
    script: PAGE_SCRIPT,
  });

import { shorten } from '../../kernel/show-value.ts';
import { escapeHtml, renderKey, renderList, renderNote, shortNumber } from '../reports/index.ts';
import type { Distributions, FeatureDistribution } from './distributions.ts';

const WIDTH = 480;
const ROW = 28;
const LABEL = 142;
const NUMBERS = 122;
const LONGEST_LABEL = 17;

const percent = (share: number): string => shortNumber(Number((100 * share).toFixed(1)));

/** A row a bin: the reference's bar above the window's, and both shares. */
const drawBins = ({ name, bins }: FeatureDistribution): string => {
  const most = bins.reduce((greatest, { reference, current }) => Math.max(greatest, reference, current), 0);
  const widthOf = (share: number): string => (most === 0 ? 0 : (share / most) * (WIDTH - LABEL - NUMBERS)).toFixed(1);
  const rows = bins.map(({ label, reference, current }, index) => {
    const top = index * ROW;
    return `<text x="0" y="${top + 18}">${escapeHtml(shorten(label, LONGEST_LABEL))}</text><rect class="fill baseline" x="${LABEL}" y="${top + 4}" width="${widthOf(reference)}" height="9"/><rect class="fill candidate" x="${LABEL}" y="${top + 14}" width="${widthOf(current)}" height="9"/><text text-anchor="end" x="${WIDTH - 1}" y="${top + 18}">${percent(reference)} → ${percent(current)} %</text>`;
  });
  const told = bins.map(({ label, reference, current }) => `${label}: ${percent(reference)} to ${percent(current)}`);
  return `<figure><svg role="img" viewBox="0 0 ${WIDTH} ${Math.max(1, bins.length) * ROW}"><title>${escapeHtml(`Distribution of ${name}`)}</title><desc>${escapeHtml(`Percent of the rows in the reference and now. ${told.join('; ')}.`)}</desc>${rows.join('')}</svg></figure>`;
};

const summaryOf = ({ name, distance }: FeatureDistribution): string => {
  if (distance === undefined) return `${escapeHtml(name)}: not compared`;
  const told = `${escapeHtml(distance.measure)} ${shortNumber(distance.value)}`;
  return `${escapeHtml(name)}: ${distance.stands ? `<strong class="refused">▲ ${told}</strong>` : told}`;
};

const ALL_OPEN = 1;

/** Each feature's distribution against its reference, the farthest first; a click or Enter opens one. */
export const renderDistributions = ({ reference, current, features }: Distributions): string =>
  [
    renderNote(`Shares of the rows by bin, worst first. Reference: ${reference}. Now: ${current}.`),
    renderKey([
      { of: 'baseline', text: 'reference' },
      { of: 'candidate', text: 'now' },
    ]),
    ...features.map(
      (feature, at) =>
        `<details${at < ALL_OPEN ? ' open' : ''}><summary>${summaryOf(feature)}</summary>\n${drawBins(feature)}${renderList(feature.notes)}\n</details>`,
    ),
  ].join('\n');

/** Lines over one scale, as SVG; colours follow the reader's light or dark page. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Place among the page's colours. */
  readonly colour: number;
  readonly isDashed?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly Line[];
  /** Level drawn across, such as α. */
  readonly level?: { readonly y: number; readonly name: string };
  readonly y: readonly [least: number, most: number];
  tellX(x: number): string;
  tellY(y: number): string;
}

const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 56;
const TOP = 12;
const BOTTOM = 44;
const TICKS = 5;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeText = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

const round = (value: number): number => Math.round(value * 10) / 10;

export const renderChart = ({ title, xTitle, yTitle, lines, level, y: [least, most], tellX, tellY }: Chart): string => {
  const longest = Math.max(...lines.flatMap(({ points }) => points.map(([x]) => x)));
  const placeX = (x: number): number => round(LEFT + (x / longest) * (WIDTH - LEFT - 10));
  const placeY = (y: number): number =>
    round(TOP + (1 - (Math.min(most, Math.max(least, y)) - least) / (most - least)) * (HEIGHT - TOP - BOTTOM));
  const ticks = Array.from({ length: TICKS + 1 }, (_, i) => i / TICKS);
  const grid = ticks.flatMap((part) => {
    const [x, y] = [part * longest, least + part * (most - least)];
    return [
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - 10}" y1="${placeY(y)}" y2="${placeY(y)}"/>`,
      `<text x="${LEFT - 6}" y="${placeY(y) + 4}" text-anchor="end">${escapeText(tellY(y))}</text>`,
      `<text x="${placeX(x)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${escapeText(tellX(x))}</text>`,
    ];
  });
  const drawn = lines.map(({ points, colour, isDashed }) => {
    const path = points.map(([x, y]) => `${placeX(x)},${placeY(y)}`).join(' ');
    return `<polyline class="c${colour}"${isDashed ? ' stroke-dasharray="5 4"' : ''} points="${path}"/>`;
  });
  const across =
    level === undefined
      ? ''
      : `<line class="level" x1="${LEFT}" x2="${WIDTH - 10}" y1="${placeY(level.y)}" y2="${placeY(level.y)}"/><text x="${WIDTH - 12}" y="${placeY(level.y) - 4}" text-anchor="end">${escapeText(level.name)}</text>`;
  const legend = lines
    .filter(({ name }) => name !== '')
    .map(({ name, colour }) => `<li><span class="swatch b${colour}"></span>${escapeText(name)}</li>`)
    .join('');
  return `<figure><figcaption>${escapeText(title)}</figcaption>
<svg role="img" aria-label="${escapeText(title)}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${grid.join('')}${drawn.join('')}${across}
<text x="${LEFT}" y="${HEIGHT - 8}">${escapeText(xTitle)}; upwards: ${escapeText(yTitle)}</text></svg>
<ul class="legend">${legend}</ul></figure>`;
};

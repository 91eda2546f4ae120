import { shorten } from '../../kernel/show-value.ts';
import { escapeHtml, renderNote, renderTable } from '../reports/index.ts';
import type { LineagePicture, LineageRow } from './lineage-picture.ts';
import { PARTS, type PagePlace, rolloutHref, versionHref } from './page-place.ts';

const COLUMNS = ['data', 'run', 'version', 'rollout', 'watched'] as const;
const BOX = { width: 136, height: 40 } as const;
const STEP = { x: 166, y: 54 } as const;
const TOP = 26;
const LEFT = 4;
const LONGEST_TEXT = 15;

interface Box {
  readonly column: number;
  readonly line: number;
  readonly kind: string;
  readonly text: string;
  readonly look: '' | 'serving' | 'ended';
  readonly href: string;
  /** Whole, for who points at it or cannot see it. */
  readonly name: string;
}

interface Drawn {
  readonly boxes: readonly Box[];
  /** By their places among the boxes. */
  readonly edges: readonly (readonly [number, number])[];
  readonly lines: number;
}

const boxesOf = (row: LineageRow, line: number, model: string, place: PagePlace): Drawn => {
  const boxes: Box[] = [];
  const edges: (readonly [number, number])[] = [];
  const add = (box: Omit<Box, 'line' | 'look' | 'name'> & Partial<Pick<Box, 'look'>>, at: number): number => {
    boxes.push({ look: '', ...box, line: line + at, name: `${box.kind} ${box.text}` });
    return boxes.length - 1;
  };
  const version = add(
    {
      column: 2,
      kind: row.serving ? 'in service' : 'version',
      text: `version ${row.version}`,
      href: versionHref(place, model, row.version),
      look: row.serving ? 'serving' : '',
    },
    0,
  );
  if (row.runId !== undefined) {
    const run = add({ column: 1, kind: 'run', text: row.runId, href: `#${PARTS.retraining}` }, 0);
    edges.push([run, version]);
    for (const [at, snapshot] of row.snapshots.entries()) {
      edges.push([add({ column: 0, kind: 'data snapshot', text: snapshot, href: `#${PARTS.lineage}-list` }, at), run]);
    }
  }
  const ends = row.rollouts.map(({ rolloutId, deployed }, at) => {
    const href = rolloutHref(place, model, rolloutId);
    const kind = deployed ? 'rollout, promoted' : 'rollout';
    const rollout = add({ column: 3, kind, text: rolloutId, href, look: deployed ? '' : 'ended' }, at);
    edges.push([version, rollout]);
    return { rollout, deployed };
  });
  if (row.windows !== undefined) {
    const { count, first, last } = row.windows;
    const text = first === last ? first : `${first.slice(5)} to ${last.slice(5)}`;
    const windows = add({ column: 4, kind: `${count} windows`, text, href: `#${PARTS.heatMap}` }, 0);
    edges.push([ends.findLast(({ deployed }) => deployed)?.rollout ?? version, windows]);
  }
  return { boxes, edges, lines: Math.max(1, row.snapshots.length, row.rollouts.length) };
};

const placeOf = ({ column, line }: Box) => ({ x: LEFT + column * STEP.x, y: TOP + line * STEP.y });

const drawBox = (box: Box): string => {
  const { x, y } = placeOf(box);
  return `<g class="node ${box.look}"><a href="${escapeHtml(box.href)}" aria-label="${escapeHtml(box.name)}"><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="4"/><text x="${x + 8}" y="${y + 16}">${escapeHtml(shorten(box.kind, LONGEST_TEXT))}</text><text x="${x + 8}" y="${y + 32}">${escapeHtml(shorten(box.text, LONGEST_TEXT))}</text></a></g>`;
};

const drawEdge = (from: Box, to: Box): string => {
  const [a, b] = [placeOf(from), placeOf(to)];
  const [x1, y1, x2, y2] = [a.x + BOX.width, a.y + BOX.height / 2, b.x, b.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `<path class="edge" d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
};

const listOf = ({ rows }: LineagePicture): string =>
  renderTable({
    label: 'Lineage as a list',
    columns: ['version', 'data snapshots', 'run', 'rollouts', 'windows'],
    rows: rows.map(({ version, serving, snapshots, runId, rollouts, windows }) => [
      `version ${version}${serving ? ', in service' : ''}`,
      snapshots.join(', '),
      runId,
      rollouts.map(({ rolloutId, deployed }) => `${rolloutId}${deployed ? ' (promoted)' : ''}`).join(', '),
      windows === undefined ? undefined : `${windows.count}, ${windows.first} to ${windows.last}`,
    ]),
  });

/** What led to what, as boxes that link to more; the same as a list below. */
export const renderLineage = (
  picture: LineagePicture,
  { model, place }: { readonly model: string; readonly place: PagePlace },
): string => {
  let line = 0;
  const drawn = picture.rows.map((row) => {
    const one = boxesOf(row, line, model, place);
    line += one.lines;
    return one;
  });
  const boxes = drawn.flatMap((one) => one.boxes);
  const edges = drawn.flatMap((one) =>
    one.edges.flatMap(([from, to]) => {
      const [a, b] = [one.boxes[from], one.boxes[to]];
      return a === undefined || b === undefined ? [] : [drawEdge(a, b)];
    }),
  );
  const heads = COLUMNS.map((name, column) => `<text x="${LEFT + column * STEP.x}" y="14">${name}</text>`);
  const width = LEFT * 2 + (COLUMNS.length - 1) * STEP.x + BOX.width;
  const described = `${picture.rows.length} versions, newest first, each with the data and the run that it came from, and the rollouts and windows that followed.`;
  return [
    renderNote(
      'From data over run, version and rollout to the windows that are watched; newest first. Boxes link to more.',
    ),
    `<div class="wide" role="group" aria-label="Lineage" tabindex="0"><svg class="flow" role="group" viewBox="0 0 ${width} ${TOP + line * STEP.y}"><title>Lineage of ${escapeHtml(model)}</title><desc>${escapeHtml(described)}</desc>${heads.join('')}${edges.join('')}${boxes.map(drawBox).join('')}</svg></div>`,
    `<details id="${PARTS.lineage}-list"><summary>As a list</summary>\n${listOf(picture)}\n</details>`,
  ].join('\n');
};

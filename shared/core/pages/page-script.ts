import { type PageScript, scriptContentPolicy } from '../reports/index.ts';

/**
 * The only script of the pages. Nothing needs it: without it rows are not filtered, and the heat map's values stand in the
 * table below it. Of a table that is marked so it makes a grid as WAI-ARIA has it: one stop of the tab key, arrows inside.
 */
const SOURCE = `(() => {
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
each('[data-filter]', (field) => {
  const rows = [...document.querySelectorAll('#' + field.dataset.filter + ' tbody tr')];
  const told = field.parentElement.querySelector('[role=status]');
  field.parentElement.hidden = false;
  field.addEventListener('input', () => {
    const words = field.value.toLowerCase().split(' ').filter((word) => word !== '');
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    told.textContent = shown + ' of ' + rows.length;
  });
});
each('table[data-grid]', (grid) => {
  const cells = [...grid.tBodies[0].rows].map((row) => [...row.querySelectorAll('td')]);
  const days = [...grid.tHead.rows[0].cells].slice(1);
  const told = grid.closest('figure').querySelector('[role=status]');
  let at = [0, 0];
  const tell = (cell) => {
    const day = days[cell.cellIndex - 1];
    told.textContent = cell.parentElement.cells[0].textContent + ', ' + day.dataset.day + ': ' + cell.getAttribute('aria-label');
  };
  const go = (row, column) => {
    const next = cells[row] && cells[row][column];
    if (!next) return;
    cells[at[0]][at[1]].tabIndex = -1;
    at = [row, column];
    next.tabIndex = 0;
    next.focus();
  };
  grid.setAttribute('role', 'grid');
  for (const row of cells) for (const cell of row) { cell.tabIndex = -1; cell.setAttribute('role', 'gridcell'); }
  if (cells[0] && cells[0][0]) cells[0][0].tabIndex = 0;
  grid.addEventListener('focusin', (event) => { if (event.target.tagName === 'TD') tell(event.target); });
  grid.addEventListener('mouseover', (event) => { if (event.target.tagName === 'TD') tell(event.target); });
  grid.addEventListener('click', (event) => {
    if (event.target.tagName !== 'TD') return;
    go(event.target.parentElement.sectionRowIndex, event.target.cellIndex - 1);
  });
  grid.addEventListener('keydown', (event) => {
    const [row, column] = at;
    const last = days.length - 1;
    const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1], Home: [row, 0], End: [row, last], PageUp: [0, column],
      PageDown: [cells.length - 1, column] }[event.key];
    if (!to) return;
    event.preventDefault();
    go(to[0], to[1]);
  });
});
})();`;

export const PAGE_SCRIPT: PageScript = { source: SOURCE, sha256: 'ku35lJYUMHSh3fV4yg/1jEGj8hFGNa7lO816MTeGUUw=' };

/** The pages load nothing, and run this script alone. */
export const PAGES_CONTENT_POLICY = scriptContentPolicy(PAGE_SCRIPT);

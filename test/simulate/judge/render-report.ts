import { type Chart, escapeText, renderChart } from './chart.ts';
import { type Claim, claimsOf } from './claims.ts';
import type { JudgeSimulation } from './simulate-judge.ts';
import { FAIREST, STEPS, STORMIEST } from './storm-days.ts';
import type { Tally } from './tally.ts';
import { CHAMPION_RATE, type StreamResult } from './unit-streams.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1c2126; --page: #fff; --line: #d5dade; --muted: #59636e; --good: #1a7f37; --bad: #cf222e;
  --c0: #0b6bcb; --c1: #8250df; --c2: #bc4c00; --c3: #9a6700; --c4: #cf222e }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ec; --page: #14181c; --line: #39424a; --muted: #9aa5b0; --good: #3fb950; --bad: #f85149;
    --c0: #58a6ff; --c1: #bc8cff; --c2: #f0883e; --c3: #d29922; --c4: #f85149 }
}
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h2 { border-bottom: 1px solid var(--line); font-size: 1.15rem; margin-top: 2rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left }
td.n { text-align: right; white-space: nowrap }
.holds { color: var(--good) } .fails { color: var(--bad); font-weight: bold }
figure { margin: 1rem 0 } figcaption { font-weight: 600 }
svg { max-width: 100% } svg text { fill: var(--text); font: 12px system-ui, sans-serif }
svg .grid { stroke: var(--line) } svg .level { stroke: var(--text); stroke-dasharray: 2 3 } polyline { fill: none; stroke-width: 2 }
${[0, 1, 2, 3, 4].map((i) => `.c${i} { stroke: var(--c${i}) } .b${i} { background: var(--c${i}) }`).join(' ')}
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0; margin: .25rem 0; color: var(--muted) }
.swatch { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem }
`;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const inN80 = (units: number, n80: number): string => (units / n80).toFixed(2);

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="wide"><table><thead><tr>${head.map((cell) => `<th>${escapeText(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell, i) => `<td${i > 0 ? ' class="n"' : ''}>${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table></div>`;

const tellMeasured = ({ measured, unit }: Pick<Claim, 'unit'> & { readonly measured: number }): string =>
  unit === 'share' ? percent(measured) : `${measured.toFixed(3)} n80`;

const claimRow = (claim: Claim): readonly string[] => [
  escapeText(claim.name),
  tellMeasured(claim),
  claim.upper99 === undefined ? '' : `≤ ${percent(claim.upper99)}`,
  `${claim.betterIs} ${tellMeasured({ unit: claim.unit, measured: claim.limit })}`,
  claim.holds ? '<span class="holds">holds</span>' : '<span class="fails">fails</span>',
];

const tallyRow =
  (n80: number) =>
  (tally: Tally): readonly string[] => [
    escapeText(tally.name),
    percent(tally.stoppedShare),
    inN80(tally.meanStop, n80),
    tally.stopP80 === undefined ? '' : inN80(tally.stopP80, n80),
  ];

const curves = (title: string, tallies: readonly Tally[], scale: number, chart: Partial<Chart> = {}): string =>
  renderChart({
    title,
    xTitle: 'canary units, in n80',
    yTitle: 'share of canaries aborted',
    y: [0, 1],
    tellX: (x) => x.toFixed(1),
    tellY: (y) => `${Math.round(100 * y)} %`,
    ...chart,
    lines: tallies.map(({ name, curve }, colour) => ({
      name,
      colour,
      points: curve.map(([units, share]) => [units / scale, share] as const),
    })),
  });

const ALPHA_LEVEL = { y: 0.05, name: 'α = 5 %' };

const streamSection = (stream: StreamResult): string => {
  const isEqual = stream.canaryRate === CHAMPION_RATE;
  const what = isEqual ? 'versions are equal: every abort is false' : '1 % → 2 %: the sooner the better';
  const title = `1:${stream.championsPerCanary}, ${what}`;
  const cleared = isEqual
    ? `The judge cleared ${percent(stream.clears.stoppedShare)} of these canaries of being worse by the margin, on average after ${inN80(stream.clears.meanStop, stream.n80)} n80; ${percent(stream.promotedShare)} before it would have aborted.`
    : `The judge cleared ${percent(stream.clears.stoppedShare)} of these canaries, which are worse by exactly the margin; ${percent(stream.promotedShare)} before it aborted.`;
  return `<h2>${escapeText(title)}</h2><p>n80 is ${stream.n80} canary units.</p>
${table(['looks after every unit', 'aborted', 'mean stop, n80', '80 % stopped by, n80'], stream.aborts.map(tallyRow(stream.n80)))}
${curves(title, stream.aborts, stream.n80, isEqual ? { level: ALPHA_LEVEL } : {})}<p>${cleared}</p>`;
};

const stickySection = ({ sticky }: JudgeSimulation): string => {
  const rows = (tallies: readonly Tally[]) => tallies.map(({ name, stoppedShare }) => [name, percent(stoppedShare)]);
  const units = { xTitle: 'units of both versions', tellX: (x: number) => String(Math.round(x)), level: ALPHA_LEVEL };
  return `<h2>Sticky units that differ, versions equal</h2>
<p>2 % of units fail 40 % of their about 30 requests, the others 0.2 %, whichever version they meet; half of the units are the canary's, ${sticky.unitCount} are watched.</p>
${table(['units that live within one look-back block', 'falsely aborted'], rows(sticky.shortLived))}
${curves('Units that live within one look-back block', sticky.shortLived, 1, units)}
${table(['units that come back in ten look-back blocks', 'falsely aborted'], rows(sticky.longLived))}
${curves('Units that come back in ten look-back blocks', sticky.longLived, 1, units)}
${table(
  [`each unit once, for ${sticky.manyUnits} units`, 'aborted', 'mean stop, units'],
  [sticky.equal, sticky.worse].map(({ name, stoppedShare, meanStop }) => [
    name,
    percent(stoppedShare),
    meanStop.toFixed(0),
  ]),
)}`;
};

const stormSection = ({ storms }: JudgeSimulation): string => `<h2>Storm days, versions equal</h2>
<p>A day's failures are ${100 * FAIREST} to ${100 * STORMIEST} % of its units, for both versions; meanwhile the canary's share rises through ${STEPS.map((step) => `${100 * step} %`).join(', ')}.</p>
${table(
  ['looks after every block of two hours', 'falsely aborted'],
  storms.aborts.map(({ name, stoppedShare }) => [escapeText(name), percent(stoppedShare)]),
)}
${curves('Storm days', storms.aborts, 1, { xTitle: 'days', tellX: (x) => x.toFixed(0), level: ALPHA_LEVEL })}
${renderChart({ title: 'Base rate of one of these canaries', xTitle: 'days', yTitle: 'share that fails', y: [0, 0.5], tellX: (x) => x.toFixed(0), tellY: (y) => `${Math.round(100 * y)} %`, lines: [{ name: 'both versions', colour: 0, points: storms.rates.map((rate, day) => [day + 1, rate] as const) }] })}`;

const sliceSection = ({ slices }: JudgeSimulation): string => `<h2>20 slices × 4 metrics</h2>
<p>Three shares and a mean, in each slice and in the whole traffic: 84 rows that share α by their weights; ${slices.canaryUnits} canary units. The worse slice fails 4 % instead of 1 %, in 5 % of the traffic. The evidence item took ${slices.stateBytes} bytes.</p>
${table(
  ['canaries', 'aborted', 'mean stop, canary units'],
  [slices.equal, slices.worse].map(({ name, stoppedShare, meanStop }) => [
    name,
    percent(stoppedShare),
    meanStop.toFixed(0),
  ]),
)}
<p>Aborted by another row than its errors or all errors: ${percent(slices.wrongRowShare)}.</p>`;

const deadlineSection = ({ deadline }: JudgeSimulation): string => `<h2>A deadline that comes too soon</h2>
<p>${deadline.canaryUnits} canary units of 1:4. What is undecided is reported as undecided.</p>
${table(
  ['canary fails', 'promoted', 'aborted', 'undecided'],
  deadline.shares.map(({ canaryRate, promote, abort, undecided }) => [
    percent(canaryRate),
    percent(promote),
    percent(abort),
    percent(undecided),
  ]),
)}
<p>${deadline.example === undefined ? '' : `An undecided judge says: ${escapeText(deadline.example.reason)}.`}</p>`;

const sequenceSection = ({ sequences }: JudgeSimulation): string =>
  `<h2>The confidence sequence of one canary</h2>${sequences
    .map(({ name, decision, points }) =>
      renderChart({
        title: `${name}: ${decision}`,
        xTitle: 'canary units',
        yTitle: 'failures, canary − champion, points',
        y: [-0.03, 0.04],
        level: { y: 0, name: 'no difference' },
        tellX: (x) => String(Math.round(x)),
        tellY: (y) => (100 * y).toFixed(1),
        lines: [
          { name: 'estimate', colour: 0, points: points.map(({ canaryUnits, estimate }) => [canaryUnits, estimate]) },
          {
            name: 'lower bound: abort above 0',
            colour: 4,
            points: points.map(({ canaryUnits, lower }) => [canaryUnits, lower]),
          },
          {
            name: 'upper bound: promote below the margin of 1',
            colour: 1,
            points: points.map(({ canaryUnits, upper }) => [canaryUnits, upper]),
          },
        ],
      }),
    )
    .join('')}`;

/** The simulation as one self-contained HTML page. */
export const renderReport = (simulation: JudgeSimulation): string => {
  const claims = claimsOf(simulation);
  const failed = claims.filter(({ holds }) => !holds).length;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>The canary judge, simulated</title><style>${STYLE}</style></head><body>
<h1>The canary judge, simulated</h1>
<p>${simulation.canaryCount} canaries of each kind, seed ${escapeText(simulation.seed)}, ${simulation.wallSeconds} s. n80: canary units of the one-sided two-proportion z-test, α 5 %, power 80 %, same allocation. Bounds of shares are one-sided 99 % (Wilson).</p>
<h2>Claims: ${claims.length - failed} of ${claims.length} hold</h2>
${table(['claim', 'measured', '99 % bound', 'to be', ''], claims.map(claimRow))}
${simulation.streams.map(streamSection).join('\n')}
${stickySection(simulation)}
${stormSection(simulation)}
${sliceSection(simulation)}
${deadlineSection(simulation)}
${sequenceSection(simulation)}
</body></html>
`;
};

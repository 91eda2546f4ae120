/** How every page for people looks. Text has a contrast of 4.5 or more with its ground, lines of charts of 3 or more. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1c2126; --page: #ffffff; --line: #d5dade; --muted: #59636e;
  --candidate: #0b6bcb; --champion: #8250df; --baseline: #6a737c; --bad: #c0262d; --good: #1a7f37 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ec; --page: #14181c; --line: #39424a; --muted: #9aa5b0; --candidate: #58a6ff;
    --champion: #bc8cff; --baseline: #8c959f; --bad: #ff7b72; --good: #56d364 }
}
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 1rem auto;
  max-width: 46rem; overflow-wrap: anywhere; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: .5rem 0 } h3 { font-size: 1rem; margin: 1.2rem 0 .2rem }
h2 { border-bottom: 1px solid var(--line); font-size: 1.15rem; margin-top: 2rem }
a { color: var(--candidate) }
:focus-visible { outline: 2px solid var(--candidate); outline-offset: 2px }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0 }
.note { color: var(--muted); font-size: .9rem }
dl { display: grid; gap: .2rem 1rem; grid-template-columns: minmax(6rem, 16rem) 1fr; margin: .5rem 0 }
dt { color: var(--muted) } dd { margin: 0; white-space: pre-wrap }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
thead th { min-width: 4.5rem; vertical-align: bottom } tbody th { font-weight: normal }
td, tbody th { max-width: 24rem } .n { text-align: right; white-space: nowrap } .s { white-space: nowrap }
.l { min-width: 15rem; overflow-wrap: anywhere } .wide + .wide { margin-top: 1rem }
pre { border: 1px solid var(--line); padding: .75rem; white-space: pre-wrap }
summary { cursor: pointer; margin: .75rem 0 }
figure { margin: .5rem 0 } figcaption { color: var(--muted); font-size: .9rem }
figure > svg { display: block; height: auto; max-width: 36rem; width: 100% }
svg text { fill: var(--text); font: 12px system-ui, sans-serif }
@media (max-width: 32rem) { svg text { font-size: 15px } dl { grid-template-columns: 1fr } dd { margin: 0 0 .4rem } }
.key { white-space: nowrap } .key.candidate { color: var(--candidate) } .key.champion { color: var(--champion) }
.key.baseline { color: var(--baseline) } .key.muted { color: var(--muted) }
.line { fill: none; stroke-width: 2 } .bar { stroke-width: 1 } .band { opacity: .18; stroke: none }
.grid { stroke: var(--line); stroke-width: 1 } .zero { stroke: var(--muted); stroke-width: 1 }
.dashed { stroke: var(--muted); stroke-dasharray: 4 3; stroke-width: 1 } .mark { stroke: var(--text); stroke-width: 1.5 }
.line.candidate, .bar.candidate { stroke: var(--candidate) }
.dot.candidate, .band.candidate, .fill.candidate { fill: var(--candidate) }
.line.champion { stroke: var(--champion); stroke-dasharray: 8 3 } .bar.champion { stroke: var(--champion) }
.dot.champion { fill: var(--page); stroke: var(--champion); stroke-width: 1.5 }
.band.champion, .fill.champion { fill: var(--champion) }
.line.baseline { stroke: var(--baseline); stroke-dasharray: 2 3 } .bar.baseline { stroke: var(--baseline) }
.dot.baseline, .fill.baseline { fill: var(--baseline) }
.line.single { opacity: .45; stroke: var(--muted); stroke-width: 1 }
.span { stroke-linecap: round; stroke-width: 7 } .span.promoted { stroke: var(--good) } .span.ended { stroke: var(--bad) }
.span.running { stroke: var(--baseline) }
.passed { color: var(--good) } .refused { color: var(--bad) }
`;

/**
 * What the pages of models need beside every page's style. The heat map's colours are one hue from light to dark (in the
 * dark the other way), which every kind of colour blindness tells apart; dots say the same without any colour.
 */
export const PAGES_STYLE = `
:root { --h0: #eef3f8; --h1: #d3e2f0; --h2: #a9c9e4; --h3: #6ea6d4; --h4: #2f6fae; --h5: #0b3c70;
  --on-light: #10151a; --on-dark: #ffffff; --warn: #8a5a00 }
@media (prefers-color-scheme: dark) {
  :root { --h0: #1b2229; --h1: #20364a; --h2: #275075; --h3: #4a86bd; --h4: #93c1e8; --h5: #dcedfb;
    --on-light: #0d1116; --on-dark: #f2f6fa; --warn: #e3b341 }
}
body { max-width: 68rem }
.widgets > section { scroll-margin-top: 1rem }
.heat { width: auto } .heat abbr { text-decoration: none } .heat th, .heat td { padding: 0 }
.heat thead th { min-width: 0; font-weight: normal; font-size: .8rem; text-align: center }
.heat tbody th { background: var(--page); left: 0; padding: 0 .5rem 0 0; position: sticky; white-space: nowrap;
  font-size: .85rem; text-align: left }
.heat td { border: 2px solid var(--page); font-size: .6rem; height: 1.5rem; line-height: 1.3rem; max-width: none;
  min-width: 1.6rem; text-align: center; vertical-align: middle }
.h0 { background: var(--h0) } .h1 { background: var(--h1) } .h2 { background: var(--h2) }
.h3 { background: var(--h3); color: #10151a } .h4 { background: var(--h4); color: var(--on-dark) }
.h5 { background: var(--h5); color: var(--on-dark) } .none { background: none; color: var(--muted) }
@media (prefers-color-scheme: dark) { .h3 { color: #0d1116 } .h4, .h5 { color: var(--on-light) } }
.heat td:focus-visible { outline: 3px solid var(--text); outline-offset: -3px }
.scale { display: flex; flex-wrap: wrap; gap: .25rem .75rem; list-style: none; margin: .5rem 0; padding: 0;
  font-size: .85rem }
.scale i { display: inline-block; font-size: .6rem; font-style: normal; height: 1.1rem; line-height: 1.1rem;
  margin-right: .3rem; text-align: center; vertical-align: middle; width: 1.6rem }
.told { font-size: .9rem; margin: .4rem 0; min-height: 1.5em }
.state.warned { color: var(--warn); font-weight: 600 } .state.bad { color: var(--bad); font-weight: 600 }
.state.unknown { color: var(--muted) }
.fleet td, .fleet th { min-width: 6.5rem } .fleet small { color: var(--muted); display: block; font-size: .8rem }
.spark { display: block; height: 2rem; width: 7rem } .spark .line { stroke-width: 1.5 }
.filter label { margin-right: .5rem } .filter input { background: var(--page); border: 1px solid var(--muted);
  color: var(--text); font: inherit; max-width: 100%; padding: .3rem .5rem }
.button { border: 1px solid var(--line); display: inline-block; padding: .2rem .75rem; text-decoration: none }
.node rect { fill: var(--page); stroke: var(--line); stroke-width: 1.5 }
.node.serving rect { stroke: var(--good); stroke-width: 2.5 } .node.ended rect { stroke: var(--bad) }
.edge { fill: none; stroke: var(--muted); stroke-width: 1.2 } .node a text { fill: var(--candidate) }
svg.flow { height: auto; max-width: none; min-width: 44rem; width: 100% } svg.flow text { font-size: 12px }
.cards { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); margin: .75rem 0 }
.cards > div { border: 1px solid var(--line); padding: .5rem .75rem } .cards p { margin: 0 }
.cards b { display: block; font-size: .85rem; font-weight: normal; color: var(--muted) }
`;

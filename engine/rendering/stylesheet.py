"""How the page looks: on a desk, on a phone 360 pixels wide, and on paper.

Severities and tiers are told apart by words and shapes first; every colour has a contrast of at least
4.5 to 1 on its ground.
"""

CSS = """
:root { color-scheme: light; --ink: #1d2329; --quiet: #525c66; --line: #d5dbe1; --paper: #fff;
  --ground: #f4f6f8;
  --level: #1d2329; }
* { box-sizing: border-box; }
html { background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 52rem;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 2.5rem 0 .75rem; padding-bottom: .4rem;
  border-bottom: 2px solid var(--level); color: var(--level); display: flex; align-items: baseline;
  gap: .5rem; }
h2 .count { margin-left: auto; font-size: .875rem; font-weight: 400; color: var(--quiet);
  white-space: nowrap; }
h3 { font-size: 1.0625rem; line-height: 1.35; margin: 0 0 .35rem; padding-left: 2.5rem;
  text-indent: -2.5rem; }
h3 .rank { display: inline-block; width: 2.5rem; text-indent: 0; color: var(--level);
  font-variant-numeric: tabular-nums; }
p { margin: 0 0 .6rem; }
ul, ol { margin: 0 0 .6rem; padding-left: 1.5rem; }
li { margin: .25rem 0; }
code { display: inline-block; max-width: 100%;
  font: .8125rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
time { white-space: nowrap; }
.due time, .as-of time { white-space: normal; }
a { color: inherit; }
.as-of { color: var(--quiet); margin-bottom: 1.25rem; }
.warnings { border: 2px solid #8a5300; border-radius: 6px; background: #fff7e6; padding: .75rem 1rem;
  margin: 0 0 1.25rem; }
.warnings h2 { margin: 0 0 .35rem; padding: 0; border: 0; font-size: 1rem; color: #6f4300; }
.warnings ul { margin: 0; padding-left: 1.1rem; }
.facts { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1.5rem;
  margin: 0 0 1.25rem;
  padding: .9rem 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; font-weight: 600; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem .6rem; margin: 0; padding: 0; }
nav li { margin: 0; }
nav a { display: block; padding: .2rem .7rem; border: 1px solid currentColor; border-radius: 99px;
  font-size: .875rem;
  color: var(--level); background: var(--paper); text-decoration: none; }
nav a:hover, nav a:focus-visible { text-decoration: underline; }
.level-0 { --level: #a11212; }
.level-1 { --level: #9a3412; }
.level-2 { --level: #1f4e8c; }
.level-3 { --level: #17603f; }
.level-4 { --level: #525c66; }
.items { list-style: none; margin: 0; padding: 0; }
.items > li { margin: 0 0 .9rem; padding: 1rem 1.15rem .9rem; background: var(--paper);
  border: 1px solid var(--line);
  border-left: 4px solid var(--level); border-radius: 6px; }
.items > li > :not(h3) { margin-left: 2.5rem; }
.due { font-weight: 600; }
.past { color: #a11212; }
.past .mark { border: 2px solid; border-radius: 3px; padding: 0 .35rem; }
.basis { display: grid; grid-template-columns: 7.5rem 1fr; gap: .3rem .75rem; margin: .8rem 0 0;
  padding-top: .7rem;
  border-top: 1px solid var(--line); font-size: .875rem; line-height: 1.45; color: var(--quiet); }
.basis dt { color: var(--ink); }
.basis dd { margin: 0; }
.tier { font-weight: 600; }
.tier span { border-bottom: 2px solid; }
.tier-1 span { border-bottom-style: dashed; }
.tier-2 span { border-bottom-style: dotted; }
details { margin-top: .6rem; font-size: .875rem; color: var(--quiet); }
summary { cursor: pointer; color: var(--ink); }
details ul { margin: .35rem 0 0; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
.told td:not(:last-child) { white-space: nowrap; }
svg text { fill: var(--ink); }
footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .8125rem;
  color: var(--quiet); }
@media (max-width: 34rem) {
  body { padding: 1.25rem .9rem 2rem; }
  h1 { font-size: 1.4rem; }
  .facts { grid-template-columns: 3fr 2fr; gap: .3rem .75rem; }
  .basis { grid-template-columns: 1fr; gap: 0; }
  .basis dd { margin-bottom: .4rem; }
  code { display: inline; }
  .told td:not(:last-child) { white-space: normal; }
  .items > li { padding: .85rem .9rem .6rem; }
  .items > li > :not(h3) { margin-left: 0; }
  h3 { padding-left: 2rem; text-indent: -2rem; }
  h3 .rank { width: 2rem; }
}
@media print {
  @page { margin: 18mm 16mm; }
  html { background: none; }
  body { max-width: none; padding: 0; font-size: 10.5pt; line-height: 1.4; }
  h1 { font-size: 18pt; }
  h2, h3 { break-after: avoid; }
  h2 { margin-top: 1.5rem; }
  nav, footer details:not([open]), .items details:not([open]) { display: none; }
  summary { list-style: none; }
  .basis { font-size: 8.5pt; margin-top: .5rem; padding-top: .4rem; }
  code { font-size: 8pt; }
  .items > li, .warnings, .facts, p, li { break-inside: avoid; }
  .items > li { border-color: #888; border-left-color: var(--level); padding: .6rem .8rem .5rem; }
  .warnings { background: none; }
}
"""

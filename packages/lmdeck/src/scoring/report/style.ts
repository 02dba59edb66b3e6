/** The style of a report: follows the reader's colour scheme, and prints with everything open and black on white. */
export const style = `
:root{color-scheme:light dark;--fg:#1c2024;--dim:#60646c;--bg:#fff;--panel:#f6f7f9;--line:#d9dce1;--bar:#3b82c4;--bad:#b42318}
@media (prefers-color-scheme:dark){:root{--fg:#e6e8eb;--dim:#9ba1a8;--bg:#16181b;--panel:#1f2226;--line:#363a40;--bar:#6ab0f3;--bad:#ff8a7a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.5rem 0 .75rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.5rem 0 .5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left}th{color:var(--dim);font-weight:600}.n{text-align:right}
figure{margin:1rem 0}figcaption{color:var(--dim);margin-bottom:.25rem}svg{width:100%;height:auto;display:block}
svg text{fill:var(--fg);font-size:12px}.label{text-anchor:end}.tick,.count{text-anchor:middle}.tick{fill:var(--dim)!important}.count{font-size:10px!important}
.bar{fill:var(--bar)}.error{stroke:var(--fg);stroke-width:1.5;fill:none}.grid{stroke:var(--line)}.axis{stroke:var(--dim)}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;background:var(--panel)}summary{cursor:pointer;padding:.4rem .7rem}
details>div{padding:0 .7rem .7rem}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--bg);border:1px solid var(--line);border-radius:4px;padding:.5rem;margin:.3rem 0;font-size:13px}
mark{background:color-mix(in srgb,var(--bar) 25%,transparent);color:inherit}.bad{color:var(--bad)}.dim{color:var(--dim)}code{font-size:13px}
@media print{details::details-content{content-visibility:visible;height:auto}:root{color-scheme:light;--fg:#000;--bg:#fff;--panel:#fff;--dim:#444;--line:#bbb}body{max-width:none;padding:0}details,figure,tr{break-inside:avoid}}
`;

/** The style of a report: follows the reader's colour scheme, and prints black on white. */
export const style = `
:root{color-scheme:light dark;--fg:#1c2024;--dim:#60646c;--bg:#fff;--panel:#f6f7f9;--line:#d9dce1;--bar:#3b82c4;--bad:#b42318;--good:#1a7f37}
@media (prefers-color-scheme:dark){:root{--fg:#e6e8eb;--dim:#9ba1a8;--bg:#16181b;--panel:#1f2226;--line:#363a40;--bar:#4d94d8;--bad:#ff8a7a;--good:#6fce86}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1.25rem 4rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2.5rem 0 .75rem;border-bottom:1px solid var(--line)}h3{display:inline;font-size:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0 0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left}th{color:var(--dim);font-weight:600;white-space:nowrap}.n{text-align:right;white-space:nowrap}
figure{margin:1.5rem 0}figcaption{font-weight:600;margin-bottom:.4rem}figcaption .dim,figcaption b{font-weight:400}figcaption b{font-weight:700}
.bar{display:grid;grid-template-columns:12rem 1fr 4.5rem;gap:.75rem;align-items:center}.label{text-align:right;overflow-wrap:anywhere}.value{font-variant-numeric:tabular-nums}
.track{position:relative;height:1.5rem;display:block}.track>i{position:absolute}.line{top:0;bottom:0;width:1px;background:var(--line)}
.fill{top:.25rem;bottom:.25rem;min-width:1px;background:var(--bar)}.whisker{top:.5rem;height:.5rem;border:solid var(--fg);border-width:0 1.5px}
.whisker::after{content:"";position:absolute;left:0;right:0;top:calc(50% - .75px);height:1.5px;background:var(--fg)}
.zero{top:0;bottom:0;width:2px;margin-left:-.5px;background:var(--dim)}.point{top:.5rem;width:.5rem;height:.5rem;margin-left:-.25rem;border-radius:50%;background:var(--bar)}
.axis .track{grid-column:2;color:var(--dim);font-size:13px}.axis span span{position:absolute;transform:translateX(-50%)}.axis span span:first-child{transform:none}.axis span span:last-child{transform:translateX(-100%)}
.columns{display:flex;align-items:flex-end;height:8rem;gap:2px;border-bottom:1px solid var(--dim)}.columns div{flex:1;min-width:0;height:100%;display:flex;flex-direction:column;justify-content:flex-end;text-align:center}
.columns i{background:var(--bar);flex:none;max-height:calc(100% - 1.2rem)}.columns span{font-size:12px;color:var(--dim)}.ends{display:flex;justify-content:space-between;color:var(--dim);font-size:13px}
.share{height:1rem;background:color-mix(in srgb,var(--bar) 20%,transparent)}.share i{display:block;height:100%;background:var(--bar)}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;background:var(--panel)}summary{cursor:pointer;padding:.4rem .7rem;overflow-wrap:anywhere}
.shelf{border:0;background:none;margin:1rem 0}.shelf>summary{padding:.2rem 0}
details>div{padding:0 .7rem .7rem}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--bg);border:1px solid var(--line);border-radius:4px;padding:.5rem;margin:.3rem 0;font-size:13px}
mark{background:color-mix(in srgb,var(--bar) 25%,transparent);color:inherit}.bad{color:var(--bad)}.good{color:var(--good)}.dim{color:var(--dim)}code{font-size:13px;overflow-wrap:anywhere}
.note{border-left:3px solid var(--bar);padding-left:.6rem;color:var(--dim)}
@media (max-width:40rem){body{padding:1.25rem .9rem 3rem}.bar{grid-template-columns:1fr 4rem;gap:0 .75rem}.label{grid-column:1/-1;text-align:left;margin-top:.4rem}.axis .track{grid-column:1}th,td{padding:.3rem .4rem}.columns span{font-size:10px}}
@media print{:root{color-scheme:light;--fg:#000;--bg:#fff;--panel:#fff;--dim:#444;--line:#bbb;--bar:#3b82c4;--bad:#b42318;--good:#1a7f37}body{max-width:none;padding:0}details::details-content{content-visibility:visible;height:auto}details details,figure,tr{break-inside:avoid}i{print-color-adjust:exact}}
`;

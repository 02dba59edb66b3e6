import { markup, type Html } from './html.ts';
import { niceScale, SHARES, type Scale } from './nice-scale.ts';
import { short } from './short.ts';

/*
 * Charts of boxes, not of drawings: text keeps its size on a narrow page, wraps, and can be selected and searched.
 */

/** A bar: a value with the interval around it. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Ends of the error bar; absent where nothing is known. */
  readonly interval?: readonly [low: number, high: number] | undefined;
}

/** Horizontal bars with error bars, on a scale from 0. */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const isShare = bars.every(({ value }) => value >= 0 && value <= 1);
  const scale = isShare ? SHARES : niceScale([0, ...ends(bars)]);
  const rows = bars.map((bar) => {
    const [from, to] = [scale.place(Math.min(0, bar.value)), scale.place(Math.max(0, bar.value))];
    return row(bar, scale, markup`<i class="fill" style="left:${from}%;width:${round(to - from)}%"></i>`);
  });
  return chart(title, bars, rows, scale);
}

/** Differences as points with error bars around them, on a scale that has 0. */
export function differenceChart(title: string, bars: readonly Bar[], level: number): Html {
  const scale = niceScale([0, ...ends(bars)]);
  const rows = bars.map((bar) => {
    const zero = markup`<i class="zero" style="left:${scale.place(0)}%"></i>`;
    return row(bar, scale, markup`${zero}<i class="point" style="left:${scale.place(bar.value)}%"></i>`);
  });
  return chart(title, bars, rows, scale, level);
}

function ends(bars: readonly Bar[]): readonly number[] {
  return bars.flatMap(({ value, interval = [] }) => [value, ...interval]).filter(Number.isFinite);
}

function row({ label, value, interval }: Bar, scale: Scale, mark: Html): Html {
  const reach = interval === undefined ? '' : ` (${short(interval[0])} to ${short(interval[1])})`;
  const grid = scale.ticks.map((tick) => markup`<i class="line" style="left:${scale.place(tick)}%"></i>`);
  const parts = [
    markup`<span class="label">${label}</span>`,
    markup`<span class="track">${grid}${mark}${whisker(interval, scale)}</span>`,
    markup`<span class="value">${short(value)}</span>`,
  ];
  return markup`<div class="bar" title="${label}: ${short(value)}${reach}">${parts}</div>\n`;
}

function whisker(interval: Bar['interval'], scale: Scale): Html | undefined {
  if (interval === undefined || interval[0] === interval[1]) return undefined;
  const [from, to] = interval.map((end) => scale.place(end));
  if (from === undefined || to === undefined) return undefined;
  return markup`<i class="whisker" style="left:${from}%;width:${round(to - from)}%"></i>`;
}

function chart(title: string, bars: readonly Bar[], rows: readonly Html[], scale: Scale, level = 0.95): Html {
  const ticks = scale.ticks.map((tick) => markup`<span style="left:${scale.place(tick)}%">${short(tick)}</span>`);
  const hint = bars.some(({ interval }) => interval !== undefined)
    ? markup` <span class="dim">${short(level * 100)} % intervals</span>`
    : undefined;
  return markup`<figure class="chart"><figcaption>${title}${hint}</figcaption>
${rows}<div class="bar axis" aria-hidden="true"><span class="track">${ticks}</span></div>
</figure>
`;
}

/** How often scores occur: two kinds as parts of one bar, others as columns in equal steps between the lowest and the highest. */
export function histogram(title: string, scores: readonly number[]): Html {
  if (scores.length > 0 && scores.every((score) => score === 0 || score === 1)) return parts(title, scores);
  const { edges, counts } = binned(scores);
  const most = Math.max(1, ...counts);
  const columns = counts.map((count, i) => {
    const number = count === 0 ? undefined : markup`<span>${count}</span>`;
    const about = `${short(edges[i] ?? 0)} to ${short(edges[i + 1] ?? 0)}: ${count}`;
    return markup`<div title="${about}">${number}<i style="height:${round((count / most) * 100)}%"></i></div>`;
  });
  const low = edges[0] ?? 0;
  const high = edges.at(-1) ?? 0;
  return markup`<figure><figcaption>${title} <span class="dim">documents per step</span></figcaption>
<div class="columns">${columns}</div>
<div class="ends" aria-hidden="true"><span>${short(low)}</span><span>${short((low + high) / 2)}</span><span>${short(high)}</span></div>
</figure>
`;
}

/** Right and wrong. */
function parts(title: string, scores: readonly number[]): Html {
  const ones = scores.filter((score) => score === 1).length;
  const share = round((ones / scores.length) * 100);
  return markup`<figure><figcaption>${title}: <b>${ones}</b> of ${scores.length} are 1, <b>${scores.length - ones}</b> are 0</figcaption>
<div class="share" title="1: ${ones}"><i style="width:${share}%"></i></div>
</figure>
`;
}

/** Scores that are few different values have a bin each way; others up to 20 bins. */
function binned(scores: readonly number[]): { readonly edges: readonly number[]; readonly counts: readonly number[] } {
  let [low, high] = [Infinity, -Infinity];
  for (const score of scores) {
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { edges: [0, 1], counts: [scores.length] };
  const bins = low === high ? 1 : Math.min(20, Math.max(5, Math.ceil(Math.sqrt(scores.length))));
  const counts = Array.from({ length: bins }, () => 0);
  for (const score of scores) {
    const place = low === high ? 0 : Math.min(bins - 1, Math.floor(((score - low) / (high - low)) * bins));
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins), counts };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

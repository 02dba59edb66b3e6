import { markup, type Html } from './html.ts';

/** A bar: a value with its reach to both sides. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Half the length of the error bar; absent where nothing is known. */
  readonly reach: number | undefined;
}

const WIDTH = 720;
const ROW = 26;
const LEFT = 220;
const RIGHT = 80;

/** Horizontal bars with error bars, on a scale from 0. */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const ends = bars.map(({ value, reach = 0 }) => value + reach);
  const isShare = bars.every(({ value }) => value >= 0 && value <= 1);
  const [low, high] = isShare ? [0, 1] : [Math.min(0, ...bars.map(({ value, reach = 0 }) => value - reach)), Math.max(0, ...ends)];
  const span = high - low || 1;
  const x = (value: number): number => round(LEFT + ((Math.min(Math.max(value, low), high) - low) / span) * (WIDTH - LEFT - RIGHT));
  const bottom = bars.length * ROW;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * span);
  return figure(title, bottom + 28, [
    ...ticks.map(
      (tick) =>
        markup`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="0" y2="${bottom}"/><text class="tick" x="${x(tick)}" y="${bottom + 16}">${short(tick)}</text>\n`,
    ),
    ...bars.map((bar, i) => barRow(bar, i * ROW, x)),
  ]);
}

function barRow({ label, value, reach }: Bar, top: number, x: (value: number) => number): Html {
  const middle = top + ROW / 2;
  const text = `${short(value)}${reach === undefined ? '' : ` ± ${short(reach)}`}`;
  const left = Math.min(x(0), x(value));
  const width = round(Math.max(1, Math.abs(x(value) - x(0))));
  return markup`<g><title>${label}: ${text}</title>${[
    markup`<text class="label" x="${LEFT - 8}" y="${middle + 4}">${clipped(label, 32)}</text>`,
    markup`<rect class="bar" x="${left}" y="${top + 5}" width="${width}" height="${ROW - 10}"/>`,
    whisker(value, reach, middle, x),
    markup`<text class="value" x="${WIDTH - RIGHT + 8}" y="${middle + 4}">${short(value)}</text>`,
  ]}</g>\n`;
}

function whisker(value: number, reach: number | undefined, middle: number, x: (value: number) => number): Html | undefined {
  if (reach === undefined || reach === 0) return undefined;
  const [from, to] = [x(value - reach), x(value + reach)];
  return markup`<path class="error" d="M${from} ${middle}H${to}M${from} ${middle - 4}v8M${to} ${middle - 4}v8"/>`;
}

/** How often scores occur, in equal steps between the lowest and the highest. */
export function histogram(title: string, scores: readonly number[]): Html {
  const { edges, counts } = binned(scores);
  const height = 120;
  const most = Math.max(1, ...counts);
  const step = (WIDTH - 40) / counts.length;
  const bar = (count: number, i: number): Html => {
    const length = round((count / most) * (height - 14));
    const left = 20 + i * step;
    const number = markup`<text class="count" x="${round(left + step / 2)}" y="${round(height - length - 3)}">${count}</text>`;
    return markup`<g><title>${short(edges[i] ?? 0)} to ${short(edges[i + 1] ?? 0)}: ${count}</title>${[
      markup`<rect class="bar" x="${round(left + 1)}" y="${round(height - length)}" width="${round(Math.max(1, step - 2))}" height="${length}"/>`,
      count === 0 ? undefined : number,
    ]}</g>\n`;
  };
  return figure(title, height + 40, [
    ...counts.map(bar),
    markup`<line class="axis" x1="20" x2="${WIDTH - 20}" y1="${height}" y2="${height}"/>\n`,
    markup`<text class="tick" x="20" y="${height + 16}" style="text-anchor:start">${short(edges[0] ?? 0)}</text>\n`,
    markup`<text class="tick" x="${WIDTH - 20}" y="${height + 16}" style="text-anchor:end">${short(edges.at(-1) ?? 0)}</text>\n`,
  ]);
}

function figure(title: string, height: number, content: readonly Html[]): Html {
  return markup`<figure>
<figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
${content}</svg>
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
  const bins =
    low === high
      ? 1
      : scores.every((score) => score === low || score === high)
        ? 2
        : Math.min(20, Math.max(5, Math.ceil(Math.sqrt(scores.length))));
  const counts = Array.from({ length: bins }, () => 0);
  for (const score of scores) {
    const place = low === high ? 0 : Math.min(bins - 1, Math.floor(((score - low) / (high - low)) * bins));
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins), counts };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** At most four digits that mean something. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(Math.abs(value) < 1 ? value.toFixed(4) : value.toPrecision(4)));
}

function clipped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

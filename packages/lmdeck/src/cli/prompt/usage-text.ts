/** What is known of the cost of a call. Absent means unknown. */
export interface UsageFacts {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
  readonly firstTokenMs?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly costMicros?: number | undefined;
  readonly cachedFrom?: string | undefined;
}

/** `1,203 input (1,024 cached), 87 output (64 reasoning), first token 412 ms, 58 tokens/s, $0.0012` */
export function usageText(facts: UsageFacts): string {
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens, firstTokenMs, durationMs, costMicros } = facts;
  const items = [
    ...(inputTokens === undefined ? [] : [`${count(inputTokens)} input${detail(cachedInputTokens, 'cached')}`]),
    ...(outputTokens === undefined ? [] : [`${count(outputTokens)} output${detail(reasoningTokens, 'reasoning')}`]),
    ...(inputTokens === undefined && outputTokens === undefined ? ['tokens unknown'] : []),
    ...(firstTokenMs === undefined ? [] : [`first token ${count(Math.round(firstTokenMs))} ms`]),
    ...rate(facts),
    ...(durationMs === undefined ? [] : [`${seconds(durationMs)} in all`]),
    ...(costMicros === undefined ? [] : [dollars(costMicros)]),
    ...(facts.cachedFrom === undefined ? [] : [`from the tape (${facts.cachedFrom})`]),
  ];
  return items.join(', ');
}

/** Tokens a second while the answer came: the wait for the first one does not count. */
function rate({ outputTokens, firstTokenMs = 0, durationMs }: UsageFacts): string[] {
  if (outputTokens === undefined || durationMs === undefined || durationMs - firstTokenMs < 1 || outputTokens < 2) return [];
  const perSecond = (outputTokens * 1000) / (durationMs - firstTokenMs);
  return [`${perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))} tokens/s`];
}

function detail(value: number | undefined, what: string): string {
  return value === undefined || value === 0 ? '' : ` (${count(value)} ${what})`;
}

function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** `412 ms`, `2.5 s` */
export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** As many digits as it takes to see something. */
export function dollars(micros: number): string {
  const value = micros / 1_000_000;
  return `$${value >= 1 ? value.toFixed(2) : value.toFixed(6).replace(/0+$/, '').replace(/\.$/, '')}`;
}

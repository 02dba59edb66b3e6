/** What keys and tokens look like in the messages of servers and proxies. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/-]{8,}=*/gi, '$1 ***'],
  [/\b(sk|pk|rk|gsk|xai|hf|ghp|gho|glpat|xoxb|xoxp)([-_])[\w-]{8,}/g, '$1$2***'],
  [/\bAIza[\w-]{20,}/g, 'AIza***'],
  [
    /\b(api[-_]?key|access[-_]?token|x-api-key|authorization)(\\?["']?\s*[:=]\s*\\?["']?)(?!\*)(?!bearer\b|basic\b)[\w.~+/-]{8,}=*/gi,
    '$1$2***',
  ],
];

/** A text without what looks like a key or a token: the last line of defence, after the layers that never pass one on. */
export function scrub(text: string): string {
  let result = text;
  for (const [pattern, replacement] of SECRETS) result = result.replace(pattern, replacement);
  return result;
}

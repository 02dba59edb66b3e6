/** Raw completions with `echo`, as vLLM and others answer them: every token of the prompt with its log-probability, and one more. */

interface EchoRequest {
  readonly model: string;
  readonly prompt: string | readonly string[];
}

/** The answer to a request with `echo`. */
export function echoAnswer(body: string): string {
  const { model, prompt }: EchoRequest = JSON.parse(body);
  const prompts = typeof prompt === 'string' ? [prompt] : prompt;
  return `{"id":"cmpl-1","object":"text_completion","created":1763660000,"model":${JSON.stringify(model)},"choices":[${prompts.map(choice).join()}],"usage":{"prompt_tokens":60,"completion_tokens":${prompts.length},"total_tokens":64}}`;
}

/** Tokens of up to five characters; each with one alternative, itself. Put together as text: the client is measured, not this. */
function choice(prompt: string, index: number): string {
  const texts: string[] = [];
  const values: string[] = [];
  const tops: string[] = [];
  const offsets: number[] = [];
  const text = `${prompt}!`;
  for (let at = 0, place = 0; at < text.length; place++) {
    const end = at === prompt.length ? text.length : Math.min(prompt.length, boundary(prompt, at));
    const token = JSON.stringify(text.slice(at, end));
    const value = place === 0 ? 'null' : logprob(text, at, end);
    texts.push(token);
    values.push(value);
    tops.push(place === 0 ? 'null' : `{${token}:${value}}`);
    offsets.push(at);
    at = end;
  }
  return `{"index":${index},"text":${JSON.stringify(text)},"logprobs":{"tokens":[${texts.join()}],"token_logprobs":[${values.join()}],"top_logprobs":[${tops.join()}],"text_offset":[${offsets.join()}]},"finish_reason":"length"}`;
}

/** A token is a word with the space before it, or five characters of one. */
function boundary(text: string, from: number): number {
  for (let at = from + 1; at < from + 5; at++) if (text.charCodeAt(at) === 32) return at;
  return from + 5;
}

/** Something with as many digits as a float has, that is the same for the same text. */
function logprob(text: string, from: number, end: number): string {
  let hash = 17;
  for (let at = from; at < end; at++) hash = (hash * 31 + text.charCodeAt(at)) % 99_991;
  return `-${(hash / 7919).toFixed(9)}1`;
}

/** The base URL of a server without the `/v1` that OpenAI's protocol is under: vLLM and llama-server have their own paths there. */
export function serverRoot(baseUrl: string): string {
  const url = new URL(baseUrl);
  url.pathname = url.pathname.replace(/\/v1\/?$/, '');
  return url.href.replace(/\/+$/, '');
}

/** What lmdeck stands on, and nothing above it: bodies and events taken apart by hand, as with the other transports. */
import { httpTransport, type HttpResponse } from 'lmdeck/transport';
import { completionText, handSse, TextCount } from '../hand-sse.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { chatBody } from '../workload.ts';

const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-test', accept: 'application/json' };

export function open({ baseUrl }: ClientSetup): Tasks {
  const http = httpTransport();
  const url = `${baseUrl}/chat/completions`;
  const post = (body: string): Promise<HttpResponse> => http({ method: 'POST', url, headers, body });
  return {
    call: { run: async (index) => completionText(await (await post(chatBody('mock', index))).text()) },
    stream: {
      run: async (index, model) => {
        const count = new TextCount();
        const onData = handSse(count.chunk);
        for await (const chunk of (await post(chatBody(model, index, { stream: true }))).body) onData(chunk);
        return count.toString();
      },
    },
  };
}

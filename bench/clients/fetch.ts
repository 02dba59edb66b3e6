import { completionText, handSse, TextCount } from '../hand-sse.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { chatBody } from '../workload.ts';

const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-test', accept: 'application/json' };

export function open({ baseUrl }: ClientSetup): Tasks {
  const post = (body: string): Promise<Response> => fetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body });
  return {
    call: { run: async (index) => completionText(await (await post(chatBody('mock', index))).text()) },
    stream: {
      run: async (index, model) => {
        const count = new TextCount();
        const onData = handSse(count.chunk);
        const { body } = await post(chatBody(model, index, { stream: true }));
        if (body !== null) for await (const chunk of body) onData(chunk);
        return count.toString();
      },
    },
  };
}

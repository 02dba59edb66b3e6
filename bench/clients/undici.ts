import { Agent, request } from 'undici';
import { completionText, handSse, TextCount } from '../hand-sse.ts';
import type { ClientSetup, Tasks } from '../task.ts';
import { chatBody } from '../workload.ts';

const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-test', accept: 'application/json' };

export function open({ baseUrl }: ClientSetup): Tasks {
  const dispatcher = new Agent({ connections: null });
  const url = `${baseUrl}/chat/completions`;
  const { origin, pathname: path } = new URL(url);

  function dispatch(body: string, onData: (bytes: Buffer) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      dispatcher.dispatch(
        { origin, path, method: 'POST', headers, body },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData: (_controller, chunk) => onData(chunk),
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  return {
    call: {
      run: async (index) => {
        const { body } = await request(url, { method: 'POST', headers, body: chatBody('mock', index), dispatcher });
        return completionText(await body.text());
      },
    },
    dispatch: {
      run: async (index) => {
        const chunks: Buffer[] = [];
        await dispatch(chatBody('mock', index), (chunk) => chunks.push(chunk));
        return completionText(Buffer.concat(chunks).toString());
      },
    },
    stream: {
      run: async (index, model) => {
        const count = new TextCount();
        const onData = handSse(count.chunk);
        const { body } = await request(url, { method: 'POST', headers, body: chatBody(model, index, { stream: true }), dispatcher });
        for await (const chunk of body) onData(chunk);
        return count.toString();
      },
    },
    'stream dispatch': {
      run: async (index, model) => {
        const count = new TextCount();
        await dispatch(chatBody(model, index, { stream: true }), handSse(count.chunk));
        return count.toString();
      },
    },
  };
}

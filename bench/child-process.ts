import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { ChildMessage, Slice, SliceOrder } from './task.ts';

/** A library in its own process. */
export interface Child extends Disposable {
  run(order: SliceOrder): Promise<Slice>;
}

export async function startChild(client: string, baseUrl: string, folder: string): Promise<Child> {
  const child = fork(join(import.meta.dirname, 'child.ts'), [client, baseUrl, folder]);
  await answer(child, client);
  return {
    async run(order) {
      const reply = answer(child, client);
      child.send(order);
      const message = await reply;
      if (message.type !== 'slice') throw new Error(`${client}: expected a slice, got ${message.type}`);
      return message.slice;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

/** The mock server in its own process. */
export interface MockServer extends Disposable {
  readonly baseUrl: string;
  /** CPU time so far, microseconds. */
  cpuUs(): Promise<number>;
}

export async function startServer(): Promise<MockServer> {
  const child = fork(join(import.meta.dirname, 'server.ts'));
  const number = (name: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`The mock server ended with exit code ${code}.`));
      child.once('exit', onExit);
      child.once('message', (message: Readonly<Record<string, number>>) => {
        child.off('exit', onExit);
        resolve(message[name] ?? Number.NaN);
      });
    });
  const port = await number('port');
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    cpuUs: () => {
      const reply = number('cpuUs');
      child.send('cpu');
      return reply;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

function answer(child: ChildProcess, client: string): Promise<ChildMessage> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`${client}: its process ended with exit code ${code}.`));
    child.once('exit', onExit);
    child.once('message', (message: ChildMessage) => {
      child.off('exit', onExit);
      if (message.type === 'failed') reject(new Error(`${client}: ${message.error}`));
      else resolve(message);
    });
  });
}

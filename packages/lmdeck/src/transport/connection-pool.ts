import { LmdeckError, monotonicMs } from '../core/index.ts';
import { Connection, type AnswerReceiver, type ConnectionKeeper } from './connection.ts';
import type { ConnectLimit, Destination } from './open-connection.ts';
import type { EncodedRequest } from './request-encoder.ts';
import { timerDelay } from './timer-delay.ts';

export interface PoolOptions {
  /** How long an unused connection is kept, milliseconds, unless the server announces less. */
  readonly idleSocketMs: number;
  /** What is read goes through this block. */
  readonly buffer: () => Buffer;
}

/** A server closes a connection when its time is up; ours is up earlier, so that no request meets that moment. */
const marginMs = 1_000;

/**
 * Keep-alive connections to one server. Their number has no limit here: that is the business of whoever makes the calls.
 * The one that was used last is used next, so that the others can grow old.
 */
export class ConnectionPool implements ConnectionKeeper {
  readonly #destination: Destination;
  readonly #options: PoolOptions;
  readonly #all = new Set<Connection>();
  /** The unused ones, the one that was used last at the end. */
  readonly #kept: Connection[] = [];
  #sweep: NodeJS.Timeout | undefined;

  constructor(destination: Destination, options: PoolOptions) {
    this.#destination = destination;
    this.#options = options;
  }

  /** Sends a request over a kept connection if there is one, else over a new one. */
  send(request: EncodedRequest, limit: ConnectLimit, receiver: AnswerReceiver): Connection {
    const connection = this.#take();
    if (connection === undefined) return this.sendOnNew(request, limit, receiver);
    connection.send(request, receiver);
    return connection;
  }

  sendOnNew(request: EncodedRequest, limit: ConnectLimit, receiver: AnswerReceiver): Connection {
    const connection = new Connection(this);
    connection.open(this.#destination, limit, this.#options.buffer(), request, receiver);
    this.#all.add(connection);
    return connection;
  }

  keep(connection: Connection, keepAliveMs = Infinity): void {
    const ms = Math.min(this.#options.idleSocketMs, keepAliveMs - marginMs);
    if (ms <= 0) return connection.close();
    connection.keptUntil = monotonicMs() + ms;
    connection.unref();
    this.#kept.push(connection);
    this.#sweepIn(ms);
  }

  forget(connection: Connection): void {
    this.#all.delete(connection);
    if (connection.keptUntil === undefined) return;
    connection.keptUntil = undefined;
    const index = this.#kept.lastIndexOf(connection);
    if (index !== -1) this.#kept.splice(index, 1);
  }

  /** Closes all connections. Requests that are under way fail. */
  close(): void {
    clearTimeout(this.#sweep);
    this.#sweep = undefined;
    for (const connection of this.#all) connection.break(new LmdeckError('aborted', 'The HTTP transport was closed.'));
  }

  #take(): Connection | undefined {
    for (;;) {
      const connection = this.#kept.pop();
      if (connection?.keptUntil === undefined) return undefined;
      const isFresh = connection.keptUntil > monotonicMs();
      connection.keptUntil = undefined;
      if (isFresh) return connection;
      connection.close();
    }
  }

  /** One timer for all, and none while there is nothing to sweep. */
  #sweepIn(ms: number): void {
    if (this.#sweep !== undefined || ms === Infinity) return;
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined;
      const now = monotonicMs();
      for (const connection of this.#kept.filter(({ keptUntil = 0 }) => keptUntil <= now)) connection.close();
      this.#sweepIn(this.#kept.reduce((soonest, { keptUntil = 0 }) => Math.min(soonest, keptUntil), Infinity) - now);
    }, timerDelay(ms)).unref();
  }
}

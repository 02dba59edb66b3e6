import type { CallContext, Wrapper } from '../core/index.ts';

/**
 * A wrapper that does not know of `log: false`. That keeps a call off the logs of those who use the program; a recording that somebody asked
 * for is none of them, and a call that is missing in it could not be replayed. Whoever comes further in sees the call as it is.
 */
export function recordUnlogged(wrapper: Wrapper): Wrapper {
  return (request, context, next) => {
    if (context.log !== false) return wrapper(request, context, next);
    const { log, ...logged } = context;
    return wrapper(request, logged, (inner, given: CallContext) => next(inner, { ...given, log }));
  };
}

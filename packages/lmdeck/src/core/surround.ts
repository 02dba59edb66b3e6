import type { CallContext } from './model.ts';
import type { Wrapper } from './wrapper.ts';

const mark = Symbol('inside of what surrounds this call');

type MarkedContext = CallContext & { readonly [mark]?: true };

/** The wrapper for the outermost model of a call alone: models are often made of others, and each of them would be wrapped. */
export function surround(wrapper: Wrapper): Wrapper {
  return (request, context: MarkedContext, next) => {
    if (context[mark] === true) return next(request, context);
    const inside: MarkedContext = { ...context, [mark]: true };
    return wrapper(request, inside, next);
  };
}

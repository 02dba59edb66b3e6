import type { PromptOptions } from '../core/index.ts';
import type { FunctionCall } from './function-steps.ts';
import type { FunctionOptions } from './function-options.ts';
import { toolDefinitions } from './tool-rounds.ts';

/** How a function's model is prompted. `parentCallId`: the first call of the same result. */
export function promptOptions({ plan, model, options, streams }: FunctionCall, parentCallId: string | undefined): PromptOptions {
  const { attempts: _, toolRounds: __, tools = [], ...asked } = options;
  return {
    ...asked,
    metadata: { function: plan.name, ...asked.metadata },
    ...(streams ? {} : { stream: false }),
    ...(tools.length === 0 ? {} : { tools: toolDefinitions(tools) }),
    ...(model.capabilities.schema === true ? { schema: plan.enforceable(model.id) } : {}),
    ...(parentCallId === undefined ? {} : { parentCallId }),
  };
}

/** Both; what is `later` wins, model options one by one. */
export function mergedOptions(before: FunctionOptions, later: FunctionOptions | undefined): FunctionOptions {
  if (later === undefined) return before;
  const options = { ...before.options, ...later.options };
  return { ...before, ...later, ...(Object.keys(options).length === 0 ? {} : { options }) };
}

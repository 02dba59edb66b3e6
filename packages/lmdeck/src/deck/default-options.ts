import { Conversation, createRequest, type JsonObject, type LanguageModel, type ModelRequest } from '../core/index.ts';

/**
 * A model whose calls start from `defaults`; what a call says wins. The defaults are in the request before anything else
 * sees it, so what is shown, keyed and recorded is what was really asked.
 */
export function withDefaultOptions(model: LanguageModel, defaults: JsonObject): LanguageModel {
  const names = Object.keys(defaults);
  if (names.length === 0) return model;
  const described = model.toJSON?.bind(model);
  const withDefaults = (request: ModelRequest): ModelRequest =>
    names.every((name) => Object.hasOwn(request.options, name))
      ? request
      : createRequest({ ...request, options: { ...defaults, ...request.options } });
  const self: LanguageModel = {
    ...model,
    defaultOptions: { ...model.defaultOptions, ...defaults },
    ...(described === undefined
      ? {}
      : {
          toJSON: () => {
            const inner = described();
            return { ...inner, options: { ...defaults, ...inner.options } };
          },
        }),
    // What `prompt` makes has them already; others may call with requests of their own.
    generate: (request, context) => model.generate(withDefaults(request), context),
    prompt: (input, options = {}) => model.prompt(input, { ...options, options: { ...defaults, ...options.options } }),
    conversation: (options) => new Conversation(self, options),
  };
  return self;
}

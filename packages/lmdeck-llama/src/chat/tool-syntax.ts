import type { ChatWrapperSettings, LlamaText } from 'node-llama-cpp';
import type { NodeLlama } from '../engine.ts';

/** How a model writes tool calls, as text. */
export interface ToolSyntax {
  /** From the beginning of a call to the name, e.g. `<tool_call>\n{"name": "`. */
  readonly prefix: string;
  /** Between name and arguments. */
  readonly paramsPrefix: string;
  /** After the arguments. */
  readonly suffix: string;
  /** Before the first of several calls. */
  readonly sectionPrefix: string;
  readonly betweenCalls: string;
  /** The part of the beginning that gives a call away, e.g. `<tool_call>`. */
  readonly opening: string;
  /** The same pieces as the template has them, control tokens and all. */
  readonly template: ChatWrapperSettings['functions'];
  /** The tag that ends a call, where there is one, e.g. `</tool_call>`. */
  readonly closing: string | undefined;
}

/** The syntax that a chat wrapper stands for; `undefined` when it has nothing that tells a call from text. */
export function toolSyntax(library: NodeLlama, template: ChatWrapperSettings['functions']): ToolSyntax | undefined {
  const { call, parallelism } = template;
  const text = (value: string | LlamaText | undefined): string => (value === undefined ? '' : library.LlamaText(value).toString());
  const prefix = text(call.prefix);
  const sectionPrefix = text(parallelism?.call.sectionPrefix);
  const suffix = text(call.suffix);
  const opening = /^\s*(<[^>\s]+>|\[[^\]\s]+\]|\S+)/.exec(sectionPrefix + prefix)?.[1];
  if (opening === undefined) return undefined;
  return {
    prefix,
    sectionPrefix,
    suffix,
    opening,
    template,
    paramsPrefix: text(call.paramsPrefix),
    betweenCalls: text(parallelism?.call.betweenCalls),
    closing: /(<[^<>\s]+>|\[[^[\]\s]+\])\s*$/.exec(suffix)?.[1],
  };
}

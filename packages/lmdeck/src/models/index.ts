export { echo } from './echo.ts';
export { mock, type MockFunction, type MockModel, type MockOptions } from './mock.ts';
export { decodeResponse, type DecodedResponse, type RecordedResponse } from './openai-compatible/decode-response.ts';
export type { Endpoint, SendReasoning } from './openai-compatible/endpoint.ts';
export { listModels, type ServedModel } from './openai-compatible/list-models.ts';
export { chatModel, type ChatModelOptions } from './openai-compatible/chat-model.ts';
export { openai, openaiCompatible, type CallPolicy, type OpenAICompatibleOptions, type OpenAIOptions } from './openai-compatible/openai.ts';
export { presets, type EndpointPreset, type PresetName } from './openai-compatible/presets.ts';
export type { ScriptedAnswer, ScriptedOutput, ScriptedToolCall } from './scripted-output.ts';

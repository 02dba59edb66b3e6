import type { JsonObject, JsonValue, ModelEvent, ModelRequest } from '../../core/index.ts';
import type { StreamedAnswer } from './streamed-answer.ts';

/** A model at a provider, as the requests to it need it. */
export interface ProtocolTarget {
  /** The endpoint's name. */
  readonly name: string;
  /** The model's name on the wire. */
  readonly model: string;
  /** Fields merged into every request body. */
  readonly extraBody?: JsonObject | undefined;
}

/** How a provider is asked, and what its answers mean. */
export interface AnswerProtocol {
  /** The word that the last object of a stream has, for error messages. */
  readonly lastWord: string;
  /** @throws LmdeckError `capability` for what the provider is known not to take. */
  encode(request: ModelRequest, target: ProtocolTarget, stream: boolean): { readonly path: string; readonly body: JsonObject };
  /**
   * The events of an answer that came whole.
   * @throws LmdeckError the error that it is, or `invalid-response`.
   */
  decode(body: JsonValue, endpoint: string): readonly ModelEvent[];
  /** An answer that comes in pieces. */
  streamed(endpoint: string): StreamedAnswer;
}

import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/index.ts';

/** Cuts a text into the pieces of its chunks. */
export type Cut = (text: string) => readonly string[];

/** A chunk of a stream. */
export function sse(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\r\n\r\n`;
}

/**
 * The chunks in which `streamGenerateContent` streams what `generateContent` answers as `answer`: text in pieces but where it is signed, reasons
 * and all else of a candidate in its last chunk, counts in every one.
 */
export function contentStream(answer: JsonObject, cut: Cut = (text) => [text]): string[] {
  const { candidates, usageMetadata, ...rest } = answer;
  const counts = isJsonObject(usageMetadata) ? usageMetadata : {};
  const chunks: JsonObject[] = [];
  const add = (candidate: JsonObject): void => {
    chunks.push({ candidates: [candidate], usageMetadata: { promptTokenCount: counts['promptTokenCount'] ?? 0 }, ...rest });
  };
  for (const candidate of Array.isArray(candidates) ? candidates.filter(isJsonObject) : []) {
    const { content, index, ...last } = candidate;
    const parts = isJsonObject(content) && Array.isArray(content['parts']) ? content['parts'].filter(isJsonObject) : [];
    for (const part of parts) for (const piece of piecesOf(part, cut)) add({ content: { role: 'model', parts: [piece] }, index });
    add({ content: { role: 'model', parts: [{ text: '' }] }, index, ...last });
  }
  if (usageMetadata !== undefined) chunks.push({ usageMetadata, ...rest });
  return chunks.map(sse);
}

function piecesOf(part: JsonObject, cut: Cut): readonly JsonObject[] {
  const { text } = part;
  if (typeof text !== 'string' || part['thoughtSignature'] !== undefined) return [part];
  return cut(text).map((piece: JsonValue) => ({ ...part, text: piece }));
}

/** Finds the end of a JSON object or array in text that comes in pieces. */
export class JsonEnd {
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** Index behind the value's last character, or `undefined` when more is to come. */
  push(text: string): number | undefined {
    for (let i = 0; i < text.length; i++) {
      const char = text[i];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (char === '\\') this.#escaped = true;
        else if (char === '"') this.#inString = false;
      } else if (char === '"') this.#inString = true;
      else if (char === '{' || char === '[') this.#depth++;
      else if (char === '}' || char === ']') {
        this.#depth--;
        if (this.#depth <= 0) return i + 1;
      }
    }
    return undefined;
  }
}

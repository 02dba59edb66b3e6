const MAX_CHARS = 32;

/** The name of a conversation that begins with this prompt: its first 32 characters, white space collapsed, `…` where it was cut. */
export function conversationName(prompt: string): string {
  const text = prompt.trim().replaceAll(/\s+/g, ' ');
  // Four units hold two characters at least, so this is more than enough to tell; a prompt can have megabytes.
  const characters = Array.from(text.slice(0, MAX_CHARS * 4));
  return characters.length <= MAX_CHARS ? text : `${characters.slice(0, MAX_CHARS - 1).join('')}…`;
}

const ESC = '\u001B';

function style(open: number, close: number): (text: string) => string {
  return (text) => (text === '' ? '' : `${ESC}[${open}m${text}${ESC}[${close}m`);
}

export const bold = style(1, 22);
export const dim = style(2, 22);
export const italic = style(3, 23);
export const underline = style(4, 24);
export const strike = style(9, 29);
export const cyan = style(36, 39);

/** Matches a style that {@link bold} and its like set or end. */
// eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
export const STYLE = /\u001B\[[0-9;]*m/g;

/** Without characters that would steer the terminal: an answer must not move the cursor or rename the window. */
export function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it takes away
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '');
}

import { pythonFloat, pythonStrip, type PythonValue } from '../../python/index.ts';

/** What CPython's `float()` reads. */
const floatText = /^[+-]?(?:(?:\d+(?:_\d+)*)?\.?(?:\d+(?:_\d+)*)?(?:e[+-]?\d+(?:_\d+)*)?|inf(?:inity)?|nan)$/iu;

/**
 * Reads `name=value,name=value` as `simple_parse_args_string` of lm-evaluation-harness does: a comma always separates, the first `=` ends
 * the name, values are typed by {@link parseArgument}.
 *
 * @example
 * ```ts
 * import { parseArgumentString } from 'lmdeck/scoring';
 *
 * console.log(parseArgumentString('model=tiny,num_concurrent=4,truncate=True')); // { model: 'tiny', num_concurrent: 4, truncate: true }
 * ```
 */
export function parseArgumentString(text: string): Record<string, PythonValue> {
  const pairs = pythonStrip(text)
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair): [string, PythonValue] => {
      const [name = '', ...value] = pair.split('=');
      return [name, parseArgument(value.join('='))];
    });
  return Object.fromEntries(pairs);
}

/**
 * The value of one argument: `true`, `false` and `none` in any case, whole numbers, numbers, text in quotes without them; anything else is
 * text. As `handle_arg_string` of lm-evaluation-harness.
 */
export function parseArgument(argument: string): PythonValue {
  const text = pythonStrip(argument);
  if (/^(?:'[^]*'|"[^]*")$/.test(text) && text.length >= 2) return text.slice(1, -1);
  switch (text.toLowerCase()) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'none':
      return null;
    default:
      return numberOf(text) ?? text;
  }
}

function numberOf(text: string): PythonValue {
  if (/^[+-]?\d+$/.test(text)) {
    const whole = Number(text);
    return Number.isSafeInteger(whole) ? (whole === 0 ? 0 : whole) : BigInt(text.replace('+', ''));
  }
  if (!floatText.test(text) || !/\d|inf|nan/i.test(text)) return undefined;
  const plain = text.replaceAll('_', '');
  if (/nan/i.test(plain)) return Number.NaN;
  if (/inf/i.test(plain)) return plain.startsWith('-') ? -Infinity : Infinity;
  const number = Number(plain);
  if (Number.isNaN(number)) return undefined;
  return Number.isInteger(number) ? pythonFloat(number) : number;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CommandSpec } from './command.ts';
import { parseArgs, type ParsedArgs } from './parse-args.ts';

const spec: CommandSpec = {
  name: 'ask',
  summary: 'Ask',
  arguments: ['[text...]'],
  options: [
    { flags: '-m, --model <id>', description: '' },
    { flags: '-o, --option <name> <value>', description: '' },
    { flags: '-n, --no-log', description: '' },
    { flags: '-u, --usage', description: '' },
    { flags: '--xl, --extract-last', description: '' },
    { flags: '--color [when]', description: '' },
    { flags: '--home <path>', description: '', env: 'ASK_HOME' },
  ],
};

function parse(words: readonly string[], env: Readonly<Record<string, string>> = {}): ParsedArgs {
  return parseArgs(spec, words, 'lmdeck ask', env);
}

describe('parseArgs', () => {
  test('options and arguments may be mixed, values attached, short flags joined', () => {
    const { args, options } = parse(['one', '-mtiny', '-nu', 'two', '--color', '--', '-x', '--model']);
    expect(args).toEqual(['one', 'two', '-x', '--model']);
    expect(options.text('model')).toBe('tiny');
    expect([options.flag('noLog'), options.flag('usage'), options.flag('color')]).toEqual([true, true, true]);
    expect(parse(['--model=a=b']).options.text('model')).toBe('a=b');
    expect(parse(['--color=always']).options.text('color')).toBe('always');
  });

  test('an option takes exactly as many values as it names, also those that look like options', () => {
    const { args, options } = parse(['-o', 'temperature', '-1', 'why?', '--option', 'stop', '--', '-m', '-']);
    expect(options.pairs('option')).toEqual([
      ['temperature', '-1'],
      ['stop', '--'],
    ]);
    expect(args).toEqual(['why?']);
    expect(options.text('model')).toBe('-');
    expect(parse(['-uotemperature', '-1', '-', '-ostop', '-n', '-n']).options.pairs('option')).toEqual([
      ['temperature', '-1'],
      ['stop', '-n'],
    ]);
    expect(parse(['--option=a=b', '--', '--', '-u'])).toMatchObject({ args: ['-u'] });
    expect(parse(['-m', '--', '-u', '--']).args).toEqual([]);
  });

  test('a value that may be left out is the next word, unless that is an option', () => {
    expect(parse(['--color', 'never', 'x'])).toMatchObject({ args: ['x'] });
    const { args, options } = parse(['--color', '-u', '-m', 'tiny', '--', '-n']);
    expect([args, options.flag('usage'), options.text('model'), options.text('color')]).toEqual([['-n'], true, 'tiny', undefined]);
    expect(parse(['--color', '--', 'never']).args).toEqual(['never']);
    expect(parse(['--color=-u']).options.text('color')).toBe('-u');
  });

  test('negative numbers are arguments, before and behind options', () => {
    expect(parse(['-5', '-u', '-0.5', 'x', '-m', '-1', '-2']).args).toEqual(['-5', '-0.5', 'x', '-2']);
  });

  test('whatever the words behind "--" are, they are arguments', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('--', '-o', '-h', '-5', '--help', '--color', '-'))), (words) => {
        expect(parse(['-o', 'a', '-b', '-u', '--', ...words])).toMatchObject({ args: words, help: false });
      }),
    );
  });

  test('pairs come back as they were given, separate or attached', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('--', '-o', '-h', '-5', '--help', '--color', '-'));
    const pair = fc.record({ name: fc.string({ minLength: 1 }), value, form: fc.constantFrom('separate', 'short', 'long') });
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const words = pairs.flatMap(({ name, value, form }) => {
          if (form === 'separate') return ['-o', name, value];
          return [form === 'short' ? `-uo${name}` : `--option=${name}`, value];
        });
        expect(parse(words).options.pairs('option')).toEqual(pairs.map((each) => [each.name, each.value]));
      }),
    );
  });

  test('long flags have camelCase names, the last one counts', () => {
    expect([...parse(['--xl']).options.names()]).toEqual(['extractLast']);
  });

  test('the environment stands in for an absent option', () => {
    expect(parse([], { ASK_HOME: '/e' }).options.text('home')).toBe('/e');
    expect(parse(['--home', '/o'], { ASK_HOME: '/e' }).options.text('home')).toBe('/o');
    expect(parse([], { ASK_HOME: '' }).options.text('home')).toBeUndefined();
  });

  test('help wins over what is wrong behind it', () => {
    expect(parse(['-h', '--nonsense']).help).toBe(true);
    expect(parse(['-uh']).help).toBe(true);
    expect(parse(['-m', '-h']).help).toBe(false);
  });

  test.each([
    [['--modle', 'x'], 'unknown option --modle. Did you mean --model?'],
    [['-temperature'], 'unknown option -temperature.'],
    [['-nz'], 'unknown option -nz.'],
    [['-z', '--model'], 'unknown option -z.'],
    [['--m', 'x'], 'unknown option --m.'],
    [['--no-usage'], 'unknown option --no-usage.'],
    [['--__proto__=x'], 'unknown option --__proto__.'],
    [['--=x'], 'unknown option --'],
    [['-m'], '-m needs a value: -m, --model <id>'],
    [['-o', 'x'], '-o needs 2 values: -o, --option <name> <value>'],
    [['--usage=yes'], '--usage takes no value.'],
  ])('%j is refused', (words, message) => {
    expect(() => parse(words)).toThrow(message);
  });

  test('missing and superfluous arguments are told', () => {
    const fixed: CommandSpec = { name: 'set', summary: '', arguments: ['<name>', '[value]'] };
    expect(() => parseArgs(fixed, [], 'lmdeck set', {})).toThrow('lmdeck set: <name> is missing.');
    expect(() => parseArgs(fixed, ['a', 'b', 'c'], 'lmdeck set', {})).toThrow('unexpected argument "c"');
    expect(parseArgs(fixed, ['a', '-5'], 'lmdeck set', {}).args).toEqual(['a', '-5']);
  });

  test('whole numbers are checked', () => {
    expect(parse(['-m', '12']).options.integer('model')).toBe(12);
    expect(() => parse(['-m', '1.5']).options.integer('model')).toThrow('--model takes a whole number of at least 0, not "1.5"');
    expect(() => parse(['-m', '']).options.integer('model')).toThrow('--model');
    expect(() => parse(['-m', '0']).options.integer('model', 1)).toThrow('at least 1');
  });
});

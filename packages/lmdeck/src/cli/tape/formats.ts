import type { Command } from '../args/command.ts';

export const formatsCommand: Command = {
  name: 'formats',
  summary: 'List the formats that can be imported and exported',
  options: [{ flags: '--json', description: 'As a JSON array' }],
  examples: [{ command: 'lmdeck tape formats' }],
  run: async ({ options, io }) => {
    const { callFormats } = await import('../../interop/index.ts');
    const { trainingFormatNames } = await import('./training-format.ts');
    const formats = [
      ...callFormats.map(({ name, summary, read, writeText, writeFile }) => ({
        name,
        import: read !== undefined,
        export: writeText !== undefined || writeFile !== undefined,
        summary,
      })),
      ...trainingFormatNames.map(({ name, summary }) => ({ name, import: false, export: true, summary })),
    ];
    if (options.flag('json')) return io.print(`${JSON.stringify(formats, undefined, 2)}\n`);
    const width = Math.max(...formats.map(({ name }) => name.length));
    const lines = formats.map(
      (each) => `${each.name.padEnd(width)}  ${each.import ? 'import' : '      '}  ${each.export ? 'export' : '      '}  ${each.summary}\n`,
    );
    await io.print(lines.join(''));
  },
};

import { existsSync } from 'node:fs';

import type { TapeStatus } from '../../tape/index.ts';
import type { Command } from '../args/command.ts';
import { withDeck } from '../with-deck.ts';
import { localTime } from './local-time.ts';
import { databaseOption } from './with-tape.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'Tell whether calls are recorded, where, and how many there are',
  options: [{ flags: '--json', description: 'As JSON' }, databaseOption],
  examples: [{ command: 'lmdeck logs status' }],
  run: ({ options, io }) => {
    const named = options.text('database');
    return withDeck(io, { readOnlyTape: true, ...(named === undefined ? {} : { tape: named }) }, async (deck) => {
      const path = deck.paths.tape ?? '';
      const setting = (await deck.settings.read()).logging;
      const status = existsSync(path) ? (await deck.tape()).status() : undefined;
      if (options.flag('json'))
        return io.print(`${JSON.stringify({ logging: setting !== false, path, tape: status ?? null }, undefined, 2)}\n`);
      const why = setting === undefined ? 'the default; to turn it off: lmdeck logs off' : `"logging": ${setting} in ${deck.settings.path}`;
      const lines = [
        `Logging: ${setting === false ? 'off' : 'on'} (${why})`,
        `Tape: ${path}`,
        ...(status === undefined ? ['Nothing is recorded yet.'] : facts(status)),
      ];
      await io.print(lines.map((line) => `${line}\n`).join(''));
    });
  },
};

export const pathCommand: Command = {
  name: 'path',
  summary: 'Print where the tape is',
  examples: [{ command: 'sqlite3 "$(lmdeck logs path)"' }],
  run: ({ io }) => withDeck(io, { readOnlyTape: true }, (deck) => io.print(`${deck.paths.tape ?? ''}\n`)),
};

function facts(status: TapeStatus): string[] {
  const counts = Object.entries(status.calls).filter(([, count]) => count > 0);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return [
    `Size: ${size(status.bytes)}`,
    `Calls: ${total}${total === 0 ? '' : ` (${counts.map(([name, count]) => `${count} ${name}`).join(', ')})`}`,
    `Conversations: ${status.conversations}`,
    ...(status.firstAt === undefined || status.lastAt === undefined
      ? []
      : [`From ${localTime(status.firstAt)} to ${localTime(status.lastAt)}`]),
  ];
}

function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

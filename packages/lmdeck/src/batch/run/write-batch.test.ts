import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { languageModel, LmdeckError } from '../../core/index.ts';
import { record } from '../../middleware/index.ts';
import { mock } from '../../models/index.ts';
import { openTape, type TapeOptions } from '../../tape/index.ts';
import { LineSource, openSource, writeBatch, type BatchReport } from '../index.ts';
import { BatchFolder } from '../test-support/batch-folder.ts';

const numbered = (count: number): { readonly text: string }[] => Array.from({ length: count }, (_, i) => ({ text: `q${i}` }));
const texts = (folder: BatchFolder): string[] => folder.lines().map((line) => textOf(line['text'] ?? line['status']));
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

describe('a run', () => {
  test('writes a line for each row, in the order of the rows', async () => {
    await using folder = new BatchFolder();
    folder.answer = async (prompt) => {
      // The later the row, the sooner the answer.
      for (let turn = 0; turn < 40 - Number(prompt.slice(1)); turn++) await new Promise((resolve) => setImmediate(resolve));
      return `re ${prompt}`;
    };
    const report = await folder.write(folder.rows('in.jsonl', numbered(40)), { concurrency: 7 });
    expect(texts(folder)).toEqual(numbered(40).map(({ text }) => `re ${text}`));
    expect(report).toMatchObject({ complete: true, before: 0, tally: { rows: 40, ok: 40, failed: 0, calls: 40, costMicros: 40 * 20 } });
    expect(folder.tape.count({ runId: 'run', status: 'ok' })).toBe(40);
    expect(new Set(folder.tape.calls().map((call) => call.metadata?.['row']))).toEqual(new Set(numbered(40).keys()));
  });

  test('as they come: every row once, whatever the order', async () => {
    await using folder = new BatchFolder();
    folder.answer = async (prompt) => {
      if (prompt === 'q0') for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
      return prompt;
    };
    await folder.write(folder.rows('in.jsonl', numbered(30)), { order: 'completed' });
    expect(texts(folder)[0]).not.toBe('q0');
    expect(texts(folder).toSorted()).toEqual(
      numbered(30)
        .map(({ text }) => text)
        .toSorted(),
    );
  });

  test('the same again asks nothing', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(25));
    await folder.write(source);
    const before = readFileSync(folder.file('out.jsonl'), 'utf8');
    expect(await folder.write(source)).toMatchObject({ before: 25, retried: 0, complete: true });
    expect(folder.asked.length).toBe(25);
    expect(readFileSync(folder.file('out.jsonl'), 'utf8')).toBe(before);
  });

  test('equal rows are separate draws, before and after a stop', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows(
      'in.jsonl',
      Array.from({ length: 9 }, () => ({ text: 'same' })),
    );
    const stop = new AbortController();
    let answers = 0;
    folder.answer = () => {
      answers++;
      if (answers === 3) stop.abort();
      return `draw ${answers}`;
    };
    await folder.write(source, { stop: stop.signal, concurrency: 1 });
    expect(folder.asked.length).toBe(3);
    await folder.write(source, { concurrency: 3 });
    expect(texts(folder).toSorted()).toEqual(Array.from({ length: 9 }, (_, i) => `draw ${i + 1}`));
    expect(new Set(folder.tape.calls().map((call) => call.request.sample ?? 0)).size).toBe(9);
  });

  test('several samples are one outcome, of several calls where the model draws one at a time', async () => {
    await using folder = new BatchFolder();
    folder.answer = (_prompt, request) => `sample ${request.sample ?? 0}`;
    await folder.write(folder.rows('in.jsonl', [{ text: 'a' }, { text: 'b', samples: 3 }]), { samples: 2 });
    const [a, b] = folder.lines();
    expect(a?.['samples']).toEqual([
      { text: 'sample 0', finish_reason: 'stop' },
      { text: 'sample 1', finish_reason: 'stop' },
    ]);
    expect(b).toMatchObject({
      usage: { input_tokens: 30, output_tokens: 15 },
      cost_micros: 60,
      calls: [expect.any(String), expect.any(String), expect.any(String)],
    });
  });
});

describe('rows that fail', () => {
  test('say why, and are asked again by the next run; their lines take the place of the old ones', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', [...numbered(6), 'no json', { text: 'r0' }, { text: 'r1' }]);
    folder.answer = (prompt) => {
      if (prompt === 'q1' || prompt === 'q4') throw new LmdeckError('server', `${prompt} is too hard`);
      return prompt;
    };
    const report = await folder.write(source);
    expect(report.tally).toMatchObject({ rows: 9, ok: 6, failed: 3, errors: { server: 2, 'invalid-request': 1 } });
    expect(folder.lines()[4]).toMatchObject({
      status: 'error',
      error: { code: 'server', message: 'q4 is too hard', attempts: 1 },
      input: { text: 'q4' },
    });
    expect(folder.lines()[6]).toMatchObject({
      status: 'error',
      error: { message: expect.stringContaining('in.jsonl:7: the line is not JSON') },
    });
    const asked = folder.asked.length;
    folder.answer = (prompt) => {
      if (prompt === 'q4') throw new LmdeckError('network', 'gone');
      return `now ${prompt}`;
    };
    const again = await folder.write(source);
    expect(again).toMatchObject({
      before: 9,
      retried: 3,
      tally: { rows: 9, ok: 7, failed: 2, errors: { network: 1, 'invalid-request': 1 } },
    });
    expect(folder.asked.slice(asked).toSorted()).toEqual(['q1', 'q4']);
    expect(texts(folder)).toEqual(['q0', 'now q1', 'q2', 'q3', 'error', 'q5', 'error', 'r0', 'r1']);
    // What is noted of the new lines holds for the third time too.
    folder.answer = (prompt) => `at last ${prompt}`;
    expect((await folder.write(source, { only: 'failed' })).tally.failed).toBe(1);
    expect(texts(folder)).toEqual(['q0', 'now q1', 'q2', 'q3', 'at last q4', 'q5', 'error', 'r0', 'r1']);
  });

  test('the process is gone while the new output takes the place of the old one: the next run writes it from the tape', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(6));
    folder.answer = (prompt) => {
      if (prompt === 'q2') throw new LmdeckError('server', 'no');
      return prompt;
    };
    await folder.write(source);
    const [note, output] = [folder.file('run/checkpoint.json'), folder.file('out.jsonl')];
    const [noteBefore, before] = [readFileSync(note, 'utf8'), readFileSync(output, 'utf8')];
    folder.answer = (prompt) => prompt;
    await folder.write(source);
    const after = readFileSync(output, 'utf8');
    const { output: mark } = JSON.parse(readFileSync(note, 'utf8'));
    // Announced and not replaced; replaced and not noted.
    for (const now of [before, after]) {
      writeFileSync(output, now);
      writeFileSync(note, JSON.stringify({ ...JSON.parse(noteBefore), replacement: mark }));
      expect(await folder.write(source)).toMatchObject({ tally: { rows: 6, ok: 6, failed: 0 } });
      expect(readFileSync(output, 'utf8')).toBe(after);
    }
    expect(folder.asked.length).toBe(7);
  });

  test('are not asked alone when they cannot be told any more; the output stays as it is', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', [...numbered(3), 'no json']);
    await folder.write(source);
    const before = readFileSync(folder.file('out.jsonl'), 'utf8');
    folder.rows('in.jsonl', numbered(2));
    await expect(folder.write(source, { only: 'failed' })).rejects.toThrow('Run the whole batch again');
    expect(readFileSync(folder.file('out.jsonl'), 'utf8')).toBe(before);
  });

  test('as they come: the new lines stand at the end', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(5));
    folder.answer = (prompt) => {
      if (prompt < 'q2') throw new LmdeckError('server', 'no');
      return prompt;
    };
    await folder.write(source, { order: 'completed', concurrency: 1 });
    folder.answer = (prompt) => prompt;
    await folder.write(source, { order: 'completed', concurrency: 1 });
    expect(texts(folder)).toEqual(['q2', 'q3', 'q4', 'q0', 'q1']);
  });

  test('an answer that is no JSON where a schema was given is a failure, and is drawn anew', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', [{ text: 'a' }]);
    folder.answer = () => '{"x": 1';
    expect((await folder.write(source, { schema: { type: 'object' } })).tally.errors).toEqual({ 'invalid-response': 1 });
    expect(folder.lines()[0]).toMatchObject({ status: 'error', text: '{"x": 1' });
    folder.answer = () => '{"x": 1}';
    await folder.write(source, { schema: { type: 'object' } });
    expect(folder.lines()[0]).toMatchObject({ status: 'ok', json: { x: 1 } });
    expect(folder.asked.length).toBe(2);
  });

  test('too many of them, or of a kind that the others would be too, end the run; nothing is lost', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(400));
    folder.answer = () => {
      throw new LmdeckError('network', 'nobody is there');
    };
    await expect(folder.write(source)).rejects.toThrow(/Stopped: 100 rows failed one after the other.*nobody is there/);
    expect(folder.asked.length).toBeLessThan(110);
    folder.answer = (prompt) => prompt;
    expect((await folder.write(source)).tally).toMatchObject({ rows: 400, ok: 400 });
    await using other = new BatchFolder();
    other.answer = folder.answer = (prompt) => {
      throw new LmdeckError('server', prompt);
    };
    await expect(other.write(other.rows('in.jsonl', numbered(50)), { maxErrors: 3 })).rejects.toThrow('4 rows failed, and 3 may');
  });

  test('what costs more than it may ends the run; a price that is not known is refused', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(100));
    await expect(folder.write(source, { maxCost: 0.0004, concurrency: 2 })).rejects.toThrow('--max-cost');
    // 20 micro-dollars a row: 20 of them, however many may be under way.
    expect(folder.asked.length).toBe(20);
    // What it has cost before counts, and nothing is asked in order to find that out.
    await expect(folder.write(source, { maxCost: 0.0004 })).rejects.toThrow('has cost $0.0004');
    expect(folder.asked.length).toBe(20);
    await expect(folder.write(source, { maxCost: 0.001 })).rejects.toThrow('--max-cost');
    expect(folder.asked.length).toBe(50);
    // Also where what it has asked is looked up on the tape.
    folder.rows('in.jsonl', numbered(100).toReversed());
    await expect(folder.write(source, { maxCost: 0.001 })).rejects.toThrow('--max-cost');
    expect(folder.asked.length).toBe(50);
    expect((await folder.write(source, { maxCost: 0.002 })).tally).toMatchObject({ rows: 100, ok: 100 });
    await using other = new BatchFolder();
    await expect(other.write(other.rows('in.jsonl', numbered(100)), { maxCost: 0.0004, concurrency: 64 })).rejects.toThrow('--max-cost');
    expect(other.asked.length).toBe(20);
    const { price: _price, ...unpriced } = folder.model;
    const run = { runId: 'x', folder: folder.file('x'), maxCost: 1 };
    await expect(writeBatch(() => openSource(source), unpriced, run)).rejects.toThrow('prices.yaml');
  });
});

test('a tape that cannot be written ends the run: the output has nothing that the tape has not, and the next run asks the rest', async () => {
  await using folder = new BatchFolder();
  const source = folder.rows('in.jsonl', numbered(300));
  const path = folder.file('small.db');
  const run = async (options: TapeOptions): Promise<BatchReport> => {
    const tape = openTape(path, options);
    const model = languageModel(mock({ outputs: [(request) => `${'long '.repeat(300)}${request.messages.length}`] }), record(tape));
    const batch = { runId: 'run', folder: folder.file('run'), output: folder.file('out.jsonl'), tape, concurrency: 8 };
    try {
      return await writeBatch(() => openSource(source), model, batch);
    } finally {
      // What it could not write it says again.
      await tape.close().catch(() => undefined);
    }
  };
  await expect(run({ maxBytes: 400_000 })).rejects.toThrow(/small\.db.*full/);
  const written = folder.lines().length;
  expect(written).toBeGreaterThan(20);
  expect(written).toBeLessThan(300);
  await using reader = openTape(path, { readOnly: true });
  expect(reader.count({ runId: 'run', status: 'ok' })).toBeGreaterThanOrEqual(written);
  expect(await run({})).toMatchObject({ before: written, tally: { rows: 300, ok: 300 } });
  expect(new Set(folder.lines().map((line) => line['index'])).size).toBe(300);
});

describe('what changes between two processes', () => {
  test('rows that were added are asked, those before are not looked at', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(10));
    await folder.write(source);
    appendFileSync(source, '{"text": "new"}\n');
    const notes: string[] = [];
    expect(await folder.write(source, { onNote: (note) => notes.push(note) })).toMatchObject({ before: 10, complete: true });
    expect([folder.asked.length, texts(folder).at(-1), notes]).toEqual([11, 're new', []]);
  });

  test('rows that were changed, moved or taken out: only what is new is asked, the output is as the input', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(10));
    await folder.write(source);
    folder.rows('in.jsonl', [
      { text: 'first' },
      ...numbered(10)
        .filter((_, i) => i !== 4)
        .toReversed(),
    ]);
    const notes: string[] = [];
    await folder.write(source, { onNote: (note) => notes.push(note) });
    expect(folder.asked.slice(10)).toEqual(['first']);
    expect(texts(folder)).toEqual(['first', 'q9', 'q8', 'q7', 'q6', 'q5', 'q3', 'q2', 'q1', 'q0'].map((text) => `re ${text}`));
    expect(notes).toEqual(['in.jsonl has changed: its rows are looked up one by one, and only those are asked that ask something new.']);
  });

  test('other options are other questions', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(3));
    await folder.write(source);
    folder.rows('in.jsonl', [{ text: 'q0' }, { text: 'q1', options: { temperature: 1 } }, { text: 'q2' }]);
    await folder.write(source);
    expect(folder.asked.slice(3)).toEqual(['q1']);
  });

  test('an output that lost its end, or is gone, is written again from the tape', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(10));
    await folder.write(source);
    const whole = readFileSync(folder.file('out.jsonl'), 'utf8');
    truncateSync(folder.file('out.jsonl'), whole.length - 20);
    await folder.write(source);
    expect(readFileSync(folder.file('out.jsonl'), 'utf8')).toBe(whole);
    rmSync(folder.file('out.jsonl'));
    await folder.write(source);
    expect(readFileSync(folder.file('out.jsonl'), 'utf8')).toBe(whole);
    // What a crash left behind the last note is cut off.
    appendFileSync(folder.file('out.jsonl'), '{"id": "3", "sta');
    await folder.write(source);
    expect(readFileSync(folder.file('out.jsonl'), 'utf8')).toBe(whole);
    expect(folder.asked.length).toBe(10);
  });

  test('an output that is not ours is not touched', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(3));
    writeFileSync(folder.file('out.jsonl'), 'a letter\n');
    await expect(folder.write(source)).rejects.toThrow('no run that is known here wrote it');
    await folder.write(source, { overwrite: true });
    writeFileSync(folder.file('out.jsonl'), 'another letter\n'.repeat(100));
    await expect(folder.write(source)).rejects.toThrow('is not what the run has written');
    expect(readFileSync(folder.file('out.jsonl'), 'utf8')).toContain('another letter');
    await expect(folder.write(source, { output: source, folder: folder.file('x') })).rejects.toThrow(
      'the file that the rows are read from',
    );
  });

  test.skipIf(process.platform === 'win32')(
    'an output that is a symbolic link stays one: the file behind it is written and replaced',
    async () => {
      await using folder = new BatchFolder();
      const source = folder.rows('in.jsonl', numbered(3));
      mkdirSync(folder.file('far'));
      symlinkSync('far/a.jsonl', folder.file('between'));
      symlinkSync('between', folder.file('out.jsonl'));
      folder.answer = (prompt) => {
        if (prompt === 'q1') throw new LmdeckError('server', 'too hard');
        return prompt;
      };
      // There is nothing behind it yet.
      await folder.write(source);
      expect(texts(folder)).toEqual(['q0', 'error', 'q2']);
      folder.answer = (prompt) => prompt;
      expect((await folder.write(source)).retried).toBe(1);
      await folder.write(source, { runId: 'other', folder: folder.file('other'), overwrite: true });
      expect(['between', 'out.jsonl'].map((name) => readlinkSync(folder.file(name)))).toEqual(['far/a.jsonl', 'between']);
      expect(readdirSync(folder.file('far'))).toEqual(['a.jsonl']);
      expect(texts(folder)).toEqual(['q0', 'q1', 'q2']);
    },
  );

  test('rows that can be read only once and do not come again leave the output as it is', async () => {
    await using folder = new BatchFolder();
    const write = (lines: readonly string[]): Promise<BatchReport> => folder.write(() => new LineSource(pieces(lines), 'text'));
    async function* pieces(lines: readonly string[]): AsyncGenerator<string> {
      yield* lines;
    }
    await write(['a\nb\n', 'c\n']);
    await expect(write([])).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/no rows on stdin.*has had 3.*same rows again/),
    });
    expect(texts(folder)).toEqual(['re a', 're b', 're c']);
    expect((await write(['a\n', 'b\nc\n', 'd\n'])).tally.rows).toBe(4);
    expect(folder.asked).toEqual(['a', 'b', 'c', 'd']);
    expect(texts(folder)).toEqual(['re a', 're b', 're c', 're d']);
  });

  test('a lost or broken note of how far the run had come: the tape tells', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows('in.jsonl', numbered(10));
    await folder.write(source);
    const whole = readFileSync(folder.file('out.jsonl'), 'utf8');
    writeFileSync(folder.file('run/checkpoint.json'), '{"version": 1, "fr');
    await folder.write(source, { overwrite: true });
    expect([folder.asked.length, readFileSync(folder.file('out.jsonl'), 'utf8')]).toEqual([10, whole]);
  });

  test('a source that changes while it is read ends the run; the next one goes on with it', async () => {
    await using folder = new BatchFolder();
    const source = folder.rows(
      'in.jsonl',
      Array.from({ length: 3000 }, (_, i) => ({ text: `q${i} ${'x'.repeat(200)}` })),
    );
    let answers = 0;
    folder.answer = () => {
      if (++answers === 50) appendFileSync(source, '{"text": "late"}\n');
      return 'ok';
    };
    await expect(folder.write(source, { window: 100 })).rejects.toThrow('in.jsonl was changed while it was being read');
    expect(await folder.write(source)).toMatchObject({ complete: true, tally: { rows: 3001, ok: 3001 } });
    expect(folder.asked.length).toBe(3001);
  });
});

test('a stop at any point, the process gone with what it had noted or without: every row once, the output whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'broken', 'e'), { minLength: 1, maxLength: 40 }),
        stops: fc.array(fc.nat(20), { maxLength: 3 }),
        order: fc.constantFrom('input' as const, 'completed' as const),
        concurrency: fc.integer({ min: 1, max: 5 }),
        loseNotes: fc.boolean(),
      }),
      async ({ rows, stops, order, concurrency, loseNotes }) => {
        await using folder = new BatchFolder();
        const source = folder.rows(
          'in.jsonl',
          rows.map((text) => (text === 'broken' ? '{' : { text })),
        );
        const good = rows.filter((text) => text !== 'broken');
        let turn = 0;
        let answers = 0;
        let limit = Infinity;
        let stop = new AbortController();
        folder.answer = async (prompt) => {
          for (let i = (turn = (turn * 7 + 3) % 11); i > 0; i--) await new Promise((resolve) => setImmediate(resolve));
          if (++answers >= limit) stop.abort();
          return prompt;
        };
        const [note, kept] = [folder.file('run/checkpoint.json'), folder.file('kept.json')];
        for (const after of stops) {
          stop = new AbortController();
          limit = answers + after;
          rmSync(kept, { force: true });
          const onOutcome = (): void => {
            if (!existsSync(kept)) copyFileSync(note, kept);
          };
          await folder.write(source, { order, concurrency, stop: stop.signal, onOutcome });
          // As after SIGKILL long behind the last note: the output has more, and a part of a line.
          if (loseNotes && existsSync(kept)) copyFileSync(kept, note);
          appendFileSync(folder.file('out.jsonl'), '{"id": "');
        }
        limit = Infinity;
        stop = new AbortController();
        const report = await folder.write(source, { order, concurrency });
        expect(report).toMatchObject({ complete: true, tally: { rows: rows.length, ok: good.length, calls: good.length } });
        expect(folder.asked.toSorted()).toEqual(good.toSorted());
        const found = folder.lines().map((line) => textOf(line['text'] ?? 'broken'));
        if (order === 'input') expect(found).toEqual(rows);
        else expect(found.toSorted()).toEqual(rows.toSorted());
      },
    ),
    { numRuns: 25, seed: 11 },
  );
});

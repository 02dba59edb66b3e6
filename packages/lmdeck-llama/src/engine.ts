import { LmdeckError } from 'lmdeck/core';
import type { Llama } from 'node-llama-cpp';
import { cpuOnly } from './gpu.ts';

/** The module, loaded at first use: importing it costs more than everything else in this package. */
export type NodeLlama = typeof import('node-llama-cpp');

/** What computes: `false` the processor, `auto` the best GPU that there is a binary for. */
export type GpuOption = false | 'auto' | 'cuda' | 'vulkan' | 'metal';

/** llama.cpp in this process. */
export interface Engine {
  readonly library: NodeLlama;
  readonly llama: Llama;
  /** Whether single logits can be had (node-llama-cpp 3.22); else it is the probabilities of the whole vocabulary or nothing. */
  readonly singleLogits: boolean;
  /** What llama.cpp complained about since the last call of this. */
  takeComplaints(): readonly string[];
}

const MOST_COMPLAINTS = 20;

/** llama.cpp exists once per process and kind of device, like the module itself; it lives until the process ends. */
const engines = new Map<GpuOption, Promise<Engine>>();

/** @throws LmdeckError `plugin` when node-llama-cpp is missing or has no binary for this machine. */
export function openEngine(gpu: GpuOption | undefined): Promise<Engine> {
  const kind = gpu ?? (cpuOnly() ? false : 'auto');
  let engine = engines.get(kind);
  if (engine === undefined) {
    engine = start(kind);
    engines.set(kind, engine);
    engine.catch(() => engines.delete(kind));
  }
  return engine;
}

async function start(gpu: GpuOption): Promise<Engine> {
  const library = await importLibrary();
  const complaints: string[] = [];
  try {
    const llama = await withForkableArguments(() =>
      library.getLlama({
        gpu,
        build: 'never',
        skipDownload: true,
        progressLogs: false,
        logLevel: library.LlamaLogLevel.error,
        logger: (_level, message) => {
          complaints.push(message.trim());
          if (complaints.length > MOST_COMPLAINTS) complaints.shift();
        },
      }),
    );
    const singleLogits = !(await library.getModuleVersion()).startsWith('3.21.');
    return { library, llama, singleLogits, takeComplaints: () => complaints.splice(0) };
  } catch (error) {
    throw noBinary(gpu, error);
  }
}

/**
 * The engine tries its binary in a forked process first, and a fork repeats the arguments of this one: under `node -e` it would run
 * that code again and fail.
 */
async function withForkableArguments<T>(step: () => Promise<T>): Promise<T> {
  const { execArgv } = process;
  if (!execArgv.some((argument) => /^(-e|-p|-pe|--eval|--print|--input-type)\b/.test(argument))) return step();
  process.execArgv = [];
  try {
    return await step();
  } finally {
    process.execArgv = execArgv;
  }
}

async function importLibrary(): Promise<NodeLlama> {
  try {
    return await import('node-llama-cpp');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LmdeckError(
      'plugin',
      `lmdeck-llama needs node-llama-cpp, which cannot be loaded: ${firstLine(reason)}. Install it beside lmdeck-llama: npm install node-llama-cpp@3.22.1`,
      { cause: error },
    );
  }
}

function noBinary(gpu: GpuOption, error: unknown): LmdeckError {
  const machine = `${process.platform}-${process.arch}`;
  const reason = error instanceof Error ? error.message : String(error);
  const advice =
    gpu === false
      ? isMusl()
        ? 'The binaries need glibc; this system has musl (Alpine): use a Debian or Ubuntu image.'
        : `Install with optional dependencies (npm install --include=optional), so that @node-llama-cpp/${machine} is there, or an engine that your registry has it for: npm install node-llama-cpp@3.21.1`
      : `Take gpu: false, or install a binary for ${gpu === 'auto' ? 'a GPU' : gpu}.`;
  return new LmdeckError(
    'plugin',
    `lmdeck-llama: node-llama-cpp has no working llama.cpp for ${machine}: ${firstLine(reason)}. ${advice}`,
    {
      cause: error,
    },
  );
}

function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report: unknown = process.report.getReport();
  const header = typeof report === 'object' && report !== null && 'header' in report ? report.header : undefined;
  return typeof header === 'object' && header !== null && !('glibcVersionRuntime' in header);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}

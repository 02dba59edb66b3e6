/** What decides which requests a run makes: equal settings, equal requests. Paths are absolute, texts as they were typed. */
export interface EvalSettings {
  /** Id of the model. */
  readonly model: string;
  /** Address of a server that is in no endpoint of the configuration. */
  readonly baseUrl?: string;
  readonly tasks: readonly string[];
  readonly include?: readonly string[];
  readonly data?: Readonly<Record<string, string>>;
  readonly numFewshot?: number;
  readonly limit?: number;
  readonly samples?: Readonly<Record<string, readonly number[]>>;
  /** `--gen_kwargs` as typed. */
  readonly generation?: string;
  readonly systemInstruction?: string;
  readonly chat?: boolean;
  readonly fewshotAsTurns?: boolean;
  readonly seed?: number;
  readonly fewshotSeed?: number;
  readonly thinkEnd?: string;
  readonly maxLength?: number;
  readonly prefixToken?: number;
  readonly addBos?: boolean;
  readonly maxGenerationTokens?: number;
  readonly truncate?: 'left' | 'refuse';
  /** Choices are scored by their labels among so many first tokens of a chat answer. */
  readonly chatLabels?: number;
  readonly tokenizer?: string;
  readonly predictOnly?: boolean;
}

/** How a run stands. `running` in the file of a process that is gone means `interrupted`. */
type EvalStatus = 'running' | 'finished' | 'incomplete' | 'stopped' | 'failed' | 'interrupted';

/** `run.json`: what is known of a run besides its results. */
export interface EvalRecord {
  readonly run: string;
  readonly settings: EvalSettings;
  /** Milliseconds since 1970, of the first start. */
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly status: EvalStatus;
  /** What stopped it. */
  readonly error?: string;
  /** Names of the tasks. */
  readonly tasks: readonly string[];
  /** Documents that could not be answered. */
  readonly failed?: number;
  /** Where the results were written besides. */
  readonly files?: readonly string[];
}

/** The names of settings in which two runs differ. */
export function differences(first: EvalSettings, second: EvalSettings): readonly string[] {
  const [a, b] = [new Map<string, unknown>(Object.entries(first)), new Map<string, unknown>(Object.entries(second))];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => JSON.stringify(a.get(name)) !== JSON.stringify(b.get(name)));
}

/** A parsed `run.json`, as far as it is one. */
export function evalRecord(value: unknown): EvalRecord | undefined {
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is EvalRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { run, settings, startedAt, status, tasks }: Partial<Record<string, unknown>> = { ...value };
  return (
    typeof run === 'string' &&
    typeof settings === 'object' &&
    settings !== null &&
    'model' in settings &&
    typeof startedAt === 'number' &&
    typeof status === 'string' &&
    Array.isArray(tasks)
  );
}

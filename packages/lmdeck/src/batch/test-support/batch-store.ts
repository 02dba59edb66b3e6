import { isJsonObject, type JsonObject } from '../../core/index.ts';

/** What becomes of a row when its job ends. Rows that are answered or refused one by one are paid for. */
export type RowFate = 'ok' | 'refused' | 'overloaded' | 'missing' | 'expired' | 'cancelled';

/** A row of a job. */
export interface StoredRow {
  readonly customId: string;
  /** The request as its provider takes it. */
  readonly body: JsonObject;
  /** The last text of the user. */
  readonly text: string;
  fate?: RowFate;
}

/** A job as the server knows it. */
export interface StoredJob {
  readonly id: string;
  readonly number: number;
  readonly label: string;
  readonly model: string;
  readonly account: string;
  readonly fileId: string | undefined;
  readonly rows: readonly StoredRow[];
  readonly createdAt: number;
  looks: number;
  ending: 'completed' | 'failed' | 'expired' | 'cancelled' | undefined;
  failure: { readonly code: string; readonly message: string } | undefined;
}

/** What goes wrong. Everything is asked by number, from 1. */
export interface BatchFaults {
  /** When a job is made: `lost` makes it and cuts the connection, a number is answered instead. */
  readonly create?: (number: number) => 'lost' | 'cut' | number | undefined;
  /** How a job ends. Default: `completed`. */
  readonly ending?: (job: StoredJob) => StoredJob['ending'];
  readonly failure?: (job: StoredJob) => StoredJob['failure'];
  readonly row?: (row: StoredRow, job: StoredJob) => RowFate;
  /** Cuts a download in the middle. */
  readonly cutDownload?: (number: number) => boolean;
  /** How often a job is looked at before it has ended. Default: 1. */
  readonly looks?: number;
  /** Answers a look with this status. */
  readonly look?: (number: number) => number | undefined;
  /** Answers the deletion of a file with this status. */
  readonly deletion?: (number: number) => number | undefined;
  /** A job tells of its output file only from this look on. */
  readonly outputFrom?: (job: StoredJob) => number;
  /** The server does not know the job, or its results, any more. */
  readonly gone?: (job: StoredJob) => 'job' | 'results' | undefined;
  /** The server tells nothing of metadata, or has no list of jobs. */
  readonly forgets?: 'metadata' | 'list';
}

/** Jobs, files and counts, whatever the protocol. */
export class BatchStore {
  readonly jobs: StoredJob[] = [];
  readonly files = new Map<string, { readonly name: string; readonly text: string }>();
  /** How often each text was asked and paid for. */
  readonly paid = new Map<string, number>();
  faults: BatchFaults;
  creates = 0;
  looks = 0;
  downloads = 0;
  uploads = 0;
  deletions = 0;

  constructor(faults: BatchFaults) {
    this.faults = faults;
  }

  addFile(name: string, text: string): string {
    const id = `file-${++this.uploads}`;
    this.files.set(id, { name, text });
    return id;
  }

  addJob(job: Pick<StoredJob, 'label' | 'model' | 'account' | 'fileId' | 'rows'>): StoredJob {
    const number = this.jobs.length + 1;
    const made: StoredJob = {
      ...job,
      id: `batch_${number}`,
      number,
      createdAt: Date.now() - (Date.now() % 1000) + number,
      looks: 0,
      ending: undefined,
      failure: undefined,
    };
    this.jobs.push(made);
    return made;
  }

  job(id: string | undefined, account: string): StoredJob | undefined {
    return this.jobs.find((job) => job.id === id && job.account === account);
  }

  /** Somebody looks at it: time goes on. */
  look(job: StoredJob): void {
    job.looks++;
    if (job.ending === undefined && job.looks > (this.faults.looks ?? 1)) this.end(job, this.faults.ending?.(job) ?? 'completed');
  }

  end(job: StoredJob, ending: StoredJob['ending']): void {
    if (job.ending !== undefined) return;
    job.ending = ending;
    job.failure =
      ending === 'failed' ? (this.faults.failure?.(job) ?? { code: 'invalid_file', message: 'The file is invalid.' }) : undefined;
    for (const row of job.rows) {
      const fate = ending === 'failed' ? 'missing' : (this.faults.row?.(row, job) ?? (ending === 'cancelled' ? 'cancelled' : 'ok'));
      row.fate = fate;
      if (fate === 'ok' || fate === 'refused') this.paid.set(row.text, (this.paid.get(row.text) ?? 0) + 1);
    }
  }

  count(job: StoredJob, ...fates: readonly RowFate[]): number {
    return job.rows.filter((row) => row.fate !== undefined && fates.includes(row.fate)).length;
  }
}

/** A field that is a text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What a model says: what it was told, with `Re:` in front. */
export function reply(text: string): string {
  return `Re: ${text}`;
}

/** The last text in a request of any protocol. */
export function lastText(body: JsonObject): string {
  const turns = body['messages'] ?? body['contents'];
  const last = Array.isArray(turns) ? turns.at(-1) : undefined;
  const content = isJsonObject(last) ? (last['content'] ?? last['parts']) : undefined;
  if (typeof content === 'string') return content;
  const [part] = Array.isArray(content) ? content : [];
  return isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '';
}

/** Results come in any order: here the last first. */
export function mixed(rows: readonly StoredRow[]): readonly StoredRow[] {
  return rows.filter((row) => row.fate !== undefined && row.fate !== 'missing').toReversed();
}

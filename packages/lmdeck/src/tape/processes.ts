import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { asNumber, asText, type Database, type Row } from './database.ts';

/** A call of a process on another machine counts as running for this long: nobody can ask that machine. */
const ELSEWHERE_MS = 24 * 3_600_000;

interface Identity {
  readonly pid: number;
  readonly host: string;
  /** Id of this boot of the machine (Linux): process numbers and start times count within one boot. */
  readonly boot: string | undefined;
  /** When the process started, as the system tells it. Together with the number it names one process. */
  readonly started: string;
}

/** Writes this process down and returns its number on this tape. */
export function registerProcess(database: Database): number {
  const { pid, host, boot, started } = ownIdentity();
  database.run('INSERT INTO processes (pid, host, boot, started) VALUES (?, ?, ?, ?)', pid, host, boot ?? null, started);
  return database.number('SELECT last_insert_rowid()') ?? 0;
}

/** Says that whatever this process left open will not be finished. */
export function endProcess(database: Database, id: number): void {
  database.run('UPDATE processes SET ended_at = ? WHERE id = ?', Date.now(), id);
}

/** Numbers of those processes that left calls open and are gone: their open calls count as interrupted. */
export function deadProcesses(database: Database): Set<number> {
  const dead = new Set<number>();
  const rows = database.all(
    `SELECT p.* , (SELECT max(started_at) FROM calls WHERE status = 'started' AND process = p.id) AS last_at FROM processes p
     WHERE p.id IN (SELECT process FROM calls WHERE status = 'started')`,
  );
  for (const row of rows) if (!isAlive(row)) dead.add(asNumber(row.id) ?? -1);
  return dead;
}

function isAlive(row: Row): boolean {
  if (row.ended_at !== null) return false;
  const own = ownIdentity();
  if (row.host !== own.host) return Date.now() - (asNumber(row.last_at) ?? 0) < ELSEWHERE_MS;
  if ((row.boot ?? undefined) !== own.boot) return false;
  const pid = asNumber(row.pid) ?? 0;
  const started = asText(row.started);
  if (pid === own.pid) return started === own.started;
  const ticks = startTicks(pid);
  return ticks === undefined ? answersSignals(pid) : ticks === started;
}

let identity: Identity | undefined;

function ownIdentity(): Identity {
  return (identity ??= {
    pid: process.pid,
    host: hostname(),
    boot: readText('/proc/sys/kernel/random/boot_id')?.trim(),
    started: startTicks(process.pid) ?? new Date(Date.now() - process.uptime() * 1000).toISOString(),
  });
}

/** When a process started, in clock ticks since boot: field 22 of `/proc/<pid>/stat` (Linux; proc(5)). `dead` for a zombie. */
function startTicks(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field, the command's name in brackets, may itself hold spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? 'dead' : fields?.[19];
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

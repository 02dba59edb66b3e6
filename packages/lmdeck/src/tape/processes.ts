import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRunning, startOf } from '../core/index.ts';
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
  return pid === own.pid ? started === own.started : isRunning(pid, started);
}

let identity: Identity | undefined;

function ownIdentity(): Identity {
  return (identity ??= {
    pid: process.pid,
    host: hostname(),
    boot: readText('/proc/sys/kernel/random/boot_id')?.trim(),
    started: startOf(process.pid) ?? new Date(Date.now() - process.uptime() * 1000).toISOString(),
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

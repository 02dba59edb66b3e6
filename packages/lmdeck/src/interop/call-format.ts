import type { CallEnd, CallStart, JsonObject, Sample, StoredCall } from '../core/index.ts';
import type { ImportSource } from './import-source.ts';

/** A call as a reader makes it. What the tape derives from it (hashes, the request key) is computed when it is written. */
export interface ForeignCall {
  /** `id` must be the same whenever the same row is read, see `derivedId`. */
  readonly start: Omit<CallStart, 'requestKey' | 'messageHashes'>;
  /** Absent for a call that was interrupted: then `partial` has what had come. */
  readonly end?: CallEnd;
  readonly partial?: readonly Sample[];
  readonly tags?: JsonObject;
  /** The request key that the file promises; a call that has another one is refused. */
  readonly requestKey?: string;
}

/** One row of a file: a call, or why it is none. */
export type ForeignRow =
  | { readonly where: string; readonly call: ForeignCall; readonly problem?: undefined }
  | { readonly where: string; readonly problem: string; readonly call?: undefined };

/** What readers are told besides the file. */
export interface ReadOptions {
  /** IANA name or offset of the zone of times that have none. Default: UTC. */
  readonly timeZone: string;
  /** Model of calls that do not say which one answered. */
  readonly model: string;
  /** Says that a kind of row is no call and stays where it is. */
  readonly ignore: (what: string, count: number) => void;
}

/** What writers are told besides the calls. */
export interface WriteContext {
  readonly signal: AbortSignal | undefined;
  /** Says that a call could not be written and why. */
  readonly leaveOut: (where: string, reason: string) => void;
  /** Says that a call is of a kind that has no place in this format. */
  readonly passOver: (kind: string) => void;
}

/**
 * A kind of file that holds calls. The built-in ones are in `callFormats`; others can be handed to `importCalls` and
 * `exportCalls`. Reading and writing go row by row, so that a file of any length takes the same memory.
 */
export interface CallFormat {
  /** What `--format` takes. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** True when the file is one of this kind, by its content. */
  readonly sniff?: (source: ImportSource) => boolean;
  readonly read?: (source: ImportSource, options: ReadOptions) => Iterable<ForeignRow> | AsyncIterable<ForeignRow>;
  /** The calls as lines of text, each with its line end. */
  readonly writeText?: (calls: AsyncIterable<StoredCall>, context: WriteContext) => AsyncIterable<string>;
  /** Makes a file that is no text. It does not exist yet. */
  readonly writeFile?: (calls: AsyncIterable<StoredCall>, path: string, context: WriteContext) => Promise<void>;
  /** False when the format also takes calls that did not end well. Default: only those that did, unless others are asked for. */
  readonly okOnly?: boolean;
}

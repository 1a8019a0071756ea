import type { DoorEvent, OrRefusal } from '../door-event.js';
import type { Piece } from './piece-splitter.js';

/** One line of a stream: the event it holds, or why the door does not take it. */
export type ReadLine = { readonly line: number } & OrRefusal<{ event: DoorEvent }>;

/** Turns lines or rows into events. May be called again before the last call has ended? No: one call after the other. */
export type LineReader = (pieces: readonly Piece[]) => readonly ReadLine[] | Promise<readonly ReadLine[]>;

import type { Question, SchemaSource } from './verdict.js';

/** What the thread is asked. */
export type Request = { readonly question: Question } | { readonly source: SchemaSource };

/** The number under which the thread says that it is ready, and who it is to the system; requests are numbered from 1. */
export const READY = 0;

import jsonata from 'jsonata';
import { exactNumber } from './exact-number.js';

/** The cells of one row by the names of their columns. */
export type Row = Readonly<Record<string, string>>;

/** A JSONata expression over a row. Undefined means that the field is left out. Throws where it cannot be applied. */
export type Expression = (row: Row) => Promise<unknown>;

/** One row may not hold the door up. */
const LIMITS = { timeout: 1000, stack: 200 };

/**
 * Compiles a JSONata expression. Two built-in functions differ: `$number` refuses a text that a double cannot hold instead of
 * rounding it unseen, and `$eval`, which would run what stands in a cell, is absent, as are the other ways to a number.
 */
export function compileExpression(source: string): { expression: Expression } | { mistake: string } {
  try {
    const compiled = jsonata(source, LIMITS);
    compiled.registerFunction('number', exactNumber, '<(nsb)-:n>');
    compiled.registerFunction('eval', absent('eval'));
    compiled.registerFunction('parseInteger', absent('parseInteger'));
    return { expression: (row) => compiled.evaluate(row) };
  } catch (error) {
    const { code, position } = error as { code?: string; position?: number };
    return { mistake: `is not JSONata (${code ?? 'unreadable'} at character ${position ?? 0})` };
  }
}

function absent(name: string) {
  return (): never => {
    throw new Error(`$${name} is not offered in mappings`);
  };
}

/** A metric that a query asks for, with the labels of its selector. */
export interface Asked {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** What a query names: metrics with their labels, and the labels that it groups by. */
export interface QueryNames {
  readonly asked: readonly Asked[];
  readonly grouped: readonly string[];
}

const WORDS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'or', 'and', 'unless', 'bool', 'offset']);
const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_:][a-zA-Z0-9_:]*|\d[\w.]*|[{}()=!~<>,*/+^%-]|\s+/gy;

/**
 * Reads the names out of a PromQL query (the part of the grammar that our dashboards use): every word that is no function and no
 * keyword is a metric. Throws where a character belongs to nothing, so that no part of a query is looked over.
 */
export function namesIn(query: string): QueryNames {
  const tokens = tokensOf(query);
  const asked: Asked[] = [];
  const grouped: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? '';
    if (!/^[a-zA-Z_:]/.test(token)) continue;
    if (GROUPING.has(token)) {
      const end = tokens.indexOf(')', i);
      grouped.push(...tokens.slice(i + 2, end).filter((one) => one !== ','));
      i = end;
    } else if (!WORDS.has(token) && !callsFunction(tokens, i)) {
      const end = tokens[i + 1] === '{' ? tokens.indexOf('}', i) : i;
      asked.push({ metric: token, labels: tokens.slice(i + 2, end).filter((one) => /^[a-zA-Z_]/.test(one)) });
      i = end;
    }
  }
  return { asked, grouped };
}

/** `sum (…)` and `sum by (…) (…)`. */
const callsFunction = (tokens: readonly string[], i: number): boolean =>
  tokens[i + 1] === '(' || tokens[i + 1] === 'by' || tokens[i + 1] === 'without';

function tokensOf(query: string): string[] {
  const tokens = [...query.matchAll(TOKEN)].map(([token]) => token);
  if (tokens.join('') !== query) throw new Error(`this query has a part that is not understood: ${query}`);
  return tokens.filter((token) => token.trim() !== '');
}

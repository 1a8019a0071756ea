/** The candidates that look most like `word`, best first; those that share too little are left out. */
export function nearest(word: string, candidates: readonly string[], count = 3): string[] {
  const asked = normal(word);
  return candidates
    .map((name) => ({ name, distance: normal(name).includes(asked) ? 0 : edits(asked, normal(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, count)
    .map(({ name }) => name);
}

const normal = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

/** Levenshtein distance: how many single letters must change. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

import { actLeaf, type Leaf } from '#evidence';

/** One line of the audit, with the place that its leaf names. `line` is base64 of the bytes as they were written. */
export interface AuditLine {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: number;
  readonly line: string;
}

/** Where the acts and their leaves do not agree: a line that is gone, one that says something else, and one without a leaf. */
export function compareActs(lines: readonly AuditLine[], leaves: readonly Pick<Leaf, 'id' | 's256'>[]): string[] {
  const found = new Map(lines.map(identity));
  const logged = new Set(leaves.map(({ id }) => id));
  return [
    ...leaves.flatMap(({ id, s256 }) =>
      found.get(id) === undefined ? [`removed  ${id}`] : found.get(id) === s256 ? [] : [`changed  ${id}`],
    ),
    ...[...found.keys()].flatMap((id) => (logged.has(id) ? [] : [`no leaf  ${id}`])),
  ];
}

function identity(line: AuditLine): [string, string] {
  const { id, s256 } = actLeaf({ ...line, value: Buffer.from(line.line, 'base64') });
  return [id, s256];
}

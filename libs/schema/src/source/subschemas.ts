import { type Draft, shapeOf } from './drafts.js';
import { isNode, type Node } from './text.js';

/** All subschemas directly below `node`, where the keywords of its draft put them. */
export function subschemasOf(node: Node, draft: Draft): unknown[] {
  return Object.entries(node).flatMap(([keyword, value]) => {
    const shape = shapeOf(keyword, draft);
    if (shape === undefined) return [];
    if (Array.isArray(value)) return value as unknown[];
    if (shape === 'schema' || shape === 'schema-or-list') return [value];
    return isNode(value) ? Object.values(value) : [];
  });
}

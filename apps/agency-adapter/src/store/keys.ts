/**
 * The keys of the store. Offsets and times are hexadecimal and padded, so that they sort as numbers. `<event>` is the JSON
 * array of source and id, so that no id, whatever is in it, can be taken for the beginning of another.
 *
 *   i                                     which cluster and topic this store belongs to
 *   p                                     the next offset of the outcomes topic to be read
 *   s                                     the first offset that was not swept yet
 *   o:<offset>                            one event of the outcomes topic as it stands there
 *   e:<event>:o:<offset>:<index>          where an outcome of this event stands
 *   e:<event>:a:<ingress position>        this event was accepted at the door
 *   w:<ingress position>                  where the outcome of a record without a readable id or source stands
 *   t:<time>:<number>                     the `e:…:a:…` keys written together at that time, for the sweeper
 */
export const IDENTITY = 'i';
export const POSITION = 'p';
export const SWEPT = 's';

export const outcomesKey = (offset: bigint) => `o:${hex(offset, 16)}`;
export const outcomesOffset = (key: string) => BigInt(`0x${key.slice(2)}`);
export const eventPrefix = (source: string, id: string) => `e:${JSON.stringify([source, id])}:`;
export const outcomeKey = (event: string, offset: bigint, index: number) => `${event}${writePlace(offset, index)}`;
export const acceptedKey = (event: string, ingress: string) => `${event}a:${ingress}`;
export const ingressKey = (ingress: string) => `w:${ingress}`;
export const timeKey = (milliseconds: number, number: number) => `t:${hex(milliseconds, 12)}:${hex(number, 8)}`;

/** All keys with this prefix, as bounds of a range. */
export const within = (prefix: string) => ({ gte: prefix, lt: `${prefix}\uffff` });

/** A place as the value of an {@link ingressKey}, and back. */
export const writePlace = (offset: bigint, index: number) => `o:${hex(offset, 16)}:${hex(index, 8)}`;
export const readPlace = (text: string) => readOutcomeKey(text, '');

/** What stands after `o:` in a key made by {@link outcomeKey}. */
export function readOutcomeKey(key: string, event: string): { offset: bigint; index: number } | undefined {
  const parts = /^o:([0-9a-f]{16}):([0-9a-f]{8})$/.exec(key.slice(event.length));
  return parts === null ? undefined : { offset: BigInt(`0x${parts[1]}`), index: Number.parseInt(parts[2] ?? '', 16) };
}

const hex = (value: bigint | number, width: number) => value.toString(16).padStart(width, '0');

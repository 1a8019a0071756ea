import type { FaultCode } from '#faults';
import type { ContentReference, RecordType, SubsystemId } from '#record';
import type { Holding } from './contents/content-store.js';

/** The CloudEvents attributes that the road keeps, as the agency sent them; absent ones are undefined. */
export interface SentAttributes {
  readonly specversion?: string | undefined;
  readonly id?: string | undefined;
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  readonly time?: string | undefined;
  readonly subject?: string | undefined;
  readonly dataschema?: string | undefined;
  readonly datacontenttype?: string | undefined;
  readonly sequence?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly khidiaudience?: string | undefined;
  readonly khidirequest?: string | undefined;
}

/** An event taken out of a request: its attributes and exactly the bytes of its data. */
export interface SentEvent {
  readonly attributes: SentAttributes;
  readonly data: Buffer;
}

/** An event that the door lets onto the road. */
export interface DoorEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly recordType: RecordType;
  readonly attributes: SentAttributes;
  readonly data: Buffer;
  /** The contents that its record names, where it names any. */
  readonly contents?: readonly ContentReference[];
}

/** Why the door does not take an event. `detail` is ours and never quotes the request; `id` where it could be read. */
export interface Refusal {
  readonly fault: FaultCode;
  readonly detail?: string;
  readonly id?: string;
}

/** One of two. */
export type OrRefusal<T> = ({ readonly ok: true } & T) | ({ readonly ok: false } & Refusal);

/** Builds a refusal. */
export function refuse(fault: FaultCode, detail?: string, id?: string): { readonly ok: false } & Refusal {
  return { ok: false, fault, ...(detail === undefined ? {} : { detail }), ...(id === undefined ? {} : { id }) };
}

/** Who calls and what their member publishes. */
export interface Caller {
  readonly subsystem: SubsystemId;
  /** `/GE/GOV/7001/civil-registry`. */
  readonly source: string;
  readonly publishes: ReadonlySet<RecordType>;
  /** Whether it put a content here, which its records may then name; absent: nothing can be put here. */
  readonly holds?: (reference: ContentReference) => Holding;
}

import { type FaultCode, type FaultReport, faultReport } from '#faults';

/** An attribute as it arrived: its text, null where it is no text or stands there twice, undefined where it is absent. */
export type Sent = string | null | undefined;

/** The CloudEvents attributes that matter on the road. */
export interface SentAttributes {
  readonly specversion: Sent;
  readonly id: Sent;
  readonly source: Sent;
  readonly type: Sent;
  readonly time: Sent;
  readonly dataschema: Sent;
  readonly datacontenttype: Sent;
  readonly sequence: Sent;
  readonly traceparent: Sent;
  readonly khidiaudience: Sent;
  readonly khidirequest: Sent;
}

/** `id <number>` or `guid <uuid>` of the registry, or `malformed`. */
export type SchemaId = string;

/** A CloudEvent as it was sent, taken apart but not yet judged. */
export interface SentEvent {
  readonly attributes: SentAttributes;
  /** The bytes of the record; null where there are none. */
  readonly data: Buffer | null;
  /** The schema that the sender's serializer wrote it with, as the registry calls it; undefined where it says nothing. */
  readonly schemaId?: SchemaId;
  /** What was found while taking it apart. */
  readonly faults: readonly FaultReport[];
  /** Whether it is no event at all, so that nothing else can be judged. */
  readonly unreadable: boolean;
}

export const NO_FAULTS: readonly FaultReport[] = [];

export const NO_ATTRIBUTES: SentAttributes = {
  specversion: undefined,
  id: undefined,
  source: undefined,
  type: undefined,
  time: undefined,
  dataschema: undefined,
  datacontenttype: undefined,
  sequence: undefined,
  traceparent: undefined,
  khidiaudience: undefined,
  khidirequest: undefined,
};

/** An event of which nothing but this fault can be said. */
export function unreadable(code: FaultCode, attributes: SentAttributes = NO_ATTRIBUTES): SentEvent {
  return { attributes, data: null, faults: [faultReport(code)], unreadable: true };
}

/** A fault of one attribute. The rule tells its pointer from one into the record. */
export function attributeFault(code: FaultCode, name: string): FaultReport {
  return faultReport(code, `/${name}`, 'attribute');
}

import { type MemberId, type RecordType, readIngressTopic } from '#record';

/** Whose record a refusal is about, by the ingress position in its id: `<topic>/<partition>/<offset>…`. */
export function originOfRefusal(position: string): { readonly member: MemberId; readonly type: RecordType } | undefined {
  return readIngressTopic(position.slice(0, Math.max(position.indexOf('/'), 0)));
}
